package dev.longshore.docker;

import dev.longshore.common.CriException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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
 * @param recursiveReadonly the runtimes that can make mounts read-only with all below them
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
    Set<String> recursiveReadonly,
    Map<String, String> details,
    List<String> warnings) {
  /** The detail that says which kind of storage driver it is, where Docker says so. */
  public static final String DRIVER_TYPE = "driver-type";

  private static final String DEFAULT_HANDLER = "docker";

  public EngineInfo {
    runtimes = List.copyOf(runtimes);
    securityOptions = List.copyOf(securityOptions);
    recursiveReadonly = Set.copyOf(recursiveReadonly);
    details = Map.copyOf(details);
    warnings = List.copyOf(warnings);
  }

  /** Whether that API is spoken on this connection. */
  public boolean apiAtLeast(ApiVersion wanted) {
    return ApiVersion.parse(apiVersion).filter(spoken -> spoken.atLeast(wanted)).isPresent();
  }

  /** Whether images are in containerd's store, and not in Docker's own. */
  public boolean keepsImagesInContainerd() {
    return details.getOrDefault(DRIVER_TYPE, "").startsWith("io.containerd.snapshotter.");
  }

  /** Whether Docker confines containers by that security module: {@code apparmor, selinux}, … */
  public boolean confinesBy(String module) {
    return securityOptions.stream().anyMatch(option -> option.startsWith("name=" + module));
  }

  /** Whether containers of the runtime (empty: the default) may mount recursively read-only. */
  public boolean mountsRecursivelyReadonly(String runtime) {
    return recursiveReadonly.contains(runtime.isEmpty() ? defaultRuntime : runtime);
  }

  /**
   * The name of Docker's runtime that a CRI runtime handler stands for; empty for the default one,
   * which is also called {@code docker}.
   *
   * @throws CriException INVALID for a handler that is none of the runtimes
   */
  public String runtimeOf(String handler) {
    if (handler.isEmpty() || handler.equals(DEFAULT_HANDLER)) {
      return "";
    }
    if (!runtimes.contains(handler)) {
      throw new CriException(
          CriException.Kind.INVALID,
          ("runtime handler \"%s\" is none of Docker's runtimes, which are %s; add it to"
                  + " \"runtimes\" in Docker's daemon.json")
              .formatted(handler, String.join(", ", new TreeSet<>(runtimes))));
    }
    return handler;
  }
}
