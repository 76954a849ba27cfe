package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where the cgroup hierarchies are mounted, as {@code /proc/self/mountinfo} has it (proc(5)): one
 * mount per v1 hierarchy, one for v2, or both kinds side by side.
 */
public record CgroupMounts(List<Mount> mounts) {
  public CgroupMounts {
    mounts = List.copyOf(mounts);
  }

  /**
   * One mount of one hierarchy.
   *
   * @param root the cgroup that shows at the mount point; {@code /} unless part is mounted
   * @param controllers of a v1 hierarchy, mount options among them; empty for v2
   */
  public record Mount(String root, Path mountPoint, boolean v2, Set<String> controllers) {
    public Mount {
      controllers = Set.copyOf(controllers);
    }

    /** The folder of a cgroup; empty when this mount does not reach it. */
    private Optional<Path> folder(String cgroup) {
      String above = root.equals("/") ? "" : root;
      boolean reaches = cgroup.equals(above) || cgroup.startsWith(above + "/");
      return reaches
          ? Optional.of(Path.of(mountPoint + cgroup.substring(above.length())))
          : Optional.empty();
    }
  }

  /** The cgroup mounts among all mounts; lines of other file systems and other forms are passed. */
  public static CgroupMounts parse(String mountinfo) {
    return new CgroupMounts(
        MountInfo.parse(mountinfo).stream().flatMap(mount -> cgroup(mount).stream()).toList());
  }

  // A v1 hierarchy has its controllers among the options of the file system.
  private static Optional<Mount> cgroup(MountInfo mount) {
    Path at = Path.of(mount.mountPoint());
    return switch (mount.type()) {
      case "cgroup" ->
          Optional.of(
              new Mount(
                  mount.root(), at, false, Set.copyOf(List.of(mount.options().split(",", -1)))));
      case "cgroup2" -> Optional.of(new Mount(mount.root(), at, true, Set.of()));
      default -> Optional.empty();
    };
  }

  /** The folder of a cgroup of the v1 hierarchy that has the controller. */
  Optional<Path> v1Folder(String controller, String cgroup) {
    return mounts.stream()
        .filter(mount -> mount.controllers.contains(controller))
        .flatMap(mount -> mount.folder(cgroup).stream())
        .findFirst();
  }

  /** The folder of a cgroup of the v2 hierarchy. */
  Optional<Path> v2Folder(String cgroup) {
    return mounts.stream()
        .filter(Mount::v2)
        .flatMap(mount -> mount.folder(cgroup).stream())
        .findFirst();
  }

  /** The cgroup whose folder that is; empty for other folders. */
  Optional<String> cgroup(Path folder) {
    return mounts.stream()
        .filter(mount -> folder.startsWith(mount.mountPoint))
        .max(Comparator.comparingInt(mount -> mount.mountPoint.getNameCount()))
        .map(
            mount -> {
              String above = mount.root.equals("/") ? "" : mount.root;
              return above + "/" + mount.mountPoint.relativize(folder);
            });
  }
}
