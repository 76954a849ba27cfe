package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Where the cgroup hierarchies are mounted, as {@code /proc/self/mountinfo} has it (proc(5)): one
 * mount per v1 hierarchy, one for v2, or both kinds side by side.
 */
public record CgroupMounts(List<Mount> mounts) {
  private static final Pattern OCTAL_ESCAPE = Pattern.compile("\\\\([0-7]{3})");
  private static final int ROOT = 3;
  private static final int MOUNT_POINT = 4;

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
    return new CgroupMounts(mountinfo.lines().flatMap(line -> parseLine(line).stream()).toList());
  }

  // Fields: ids, root, mount point, options, " - ", type, source, options of the file system; a
  // v1 hierarchy has its controllers among the last.
  private static Optional<Mount> parseLine(String line) {
    int dash = line.indexOf(" - cgroup");
    String[] left = line.substring(0, Math.max(0, dash)).split(" ", -1);
    if (left.length <= MOUNT_POINT) {
      return Optional.empty();
    }
    String root = unescape(left[ROOT]);
    Path at = Path.of(unescape(left[MOUNT_POINT]));
    String[] right = line.substring(dash + " - ".length()).split(" ", -1);
    Set<String> options = Set.copyOf(Arrays.asList(right[right.length - 1].split(",", -1)));
    return switch (right[0]) {
      case "cgroup" -> Optional.of(new Mount(root, at, false, options));
      case "cgroup2" -> Optional.of(new Mount(root, at, true, Set.of()));
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

  // Space, tab, newline and backslash are written as octal numbers.
  private static String unescape(String field) {
    return OCTAL_ESCAPE.matcher(field).replaceAll(CgroupMounts::character);
  }

  private static String character(MatchResult escape) {
    char c = (char) Integer.parseInt(escape.group(1), 8);
    return c == '\\' ? "\\\\" : String.valueOf(c);
  }
}
