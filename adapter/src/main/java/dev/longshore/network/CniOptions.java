package dev.longshore.network;

import java.nio.file.Path;
import java.util.List;

/**
 * Where CNI's files are.
 *
 * @param confDir network configurations; need not exist yet
 * @param binDirs plugins, searched in this order
 * @param cacheDir libcni's cache; results go to its folder {@code results}
 * @param podCidrFile keeps the node's pod CIDR over a restart, for the kubelet sends it only when
 *     it changes
 * @param podCidr the pod CIDR until the kubelet sends one, with a comma between two; may be blank
 */
public record CniOptions(
    Path confDir, List<Path> binDirs, Path cacheDir, Path podCidrFile, String podCidr) {
  public CniOptions {
    binDirs = List.copyOf(binDirs);
    if (binDirs.isEmpty()) {
      throw new IllegalArgumentException("CNI needs at least one folder to look for plugins in");
    }
  }
}
