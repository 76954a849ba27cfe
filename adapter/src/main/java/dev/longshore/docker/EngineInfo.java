package dev.longshore.docker;

import java.util.List;
import java.util.Map;

/**
 * Who a daemon is.
 *
 * @param version of the Engine, such as {@code 28.5.1}
 * @param apiVersion the API version in use on this connection, such as {@code 1.41}
 * @param maxApiVersion the newest the daemon speaks
 * @param cgroupDriver {@code cgroupfs}, {@code systemd} or {@code none}
 * @param cgroupVersion 1 or 2
 * @param rootDir where the daemon keeps its data
 * @param storageDriver {@code overlay2}, {@code overlayfs} (containerd's), …
 * @param runtimes names of the OCI runtimes
 * @param details the rest of {@code /info} worth showing: plain texts by name
 * @param warnings the daemon's own warnings
 */
public record EngineInfo(
    String version,
    String apiVersion,
    String maxApiVersion,
    String cgroupDriver,
    int cgroupVersion,
    String rootDir,
    String storageDriver,
    String loggingDriver,
    String defaultRuntime,
    List<String> runtimes,
    List<String> securityOptions,
    boolean liveRestore,
    Map<String, String> details,
    List<String> warnings) {
  public EngineInfo {
    runtimes = List.copyOf(runtimes);
    securityOptions = List.copyOf(securityOptions);
    details = Map.copyOf(details);
    warnings = List.copyOf(warnings);
  }
}
