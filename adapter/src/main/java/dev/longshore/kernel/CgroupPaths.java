package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folders of the cgroups that one process is in.
 *
 * @param v1 by controller ({@code cpu}, {@code memory}, …); on hybrid machines not all of them
 * @param v2 empty where no v2 hierarchy is mounted
 */
public record CgroupPaths(Map<String, Path> v1, Optional<Path> v2) {
  public CgroupPaths {
    v1 = Map.copyOf(v1);
  }

  /**
   * The folders for the text of a {@code /proc/<pid>/cgroup}: lines of {@code
   * hierarchy:controllers:path}, with no controllers in that of v2 (cgroups(7)). Cgroups that no
   * mount reaches are left out.
   */
  public static CgroupPaths parse(String procCgroup, CgroupMounts mounts) {
    Map<String, Path> v1 = new HashMap<>();
    Optional<Path> v2 = Optional.empty();
    for (String line : procCgroup.lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields.length < 3) {
        continue;
      }
      if (fields[1].isEmpty()) {
        v2 = mounts.v2Folder(fields[2]);
        continue;
      }
      for (String controller : fields[1].split(",", -1)) {
        mounts.v1Folder(controller, fields[2]).ifPresent(folder -> v1.put(controller, folder));
      }
    }
    return new CgroupPaths(v1, v2);
  }

  /** Where a controller's files are: in v1 when it is mounted there, otherwise in v2. */
  public Optional<CgroupDir> of(String controller) {
    Path folder = v1.get(controller);
    return folder == null ? v2.map(CgroupDir.V2::new) : Optional.of(new CgroupDir.V1(folder));
  }

  /** All folders, of whatever hierarchy. */
  public Stream<Path> folders() {
    return Stream.concat(v1.values().stream(), v2.stream());
  }

  /** Whether there is no folder at all. */
  public boolean isEmpty() {
    return v1.isEmpty() && v2.isEmpty();
  }

  /**
   * The same, each path cut behind the first component that contains {@code name}: a container's
   * process may have moved to a cgroup of its own making, below its container's. Paths without such
   * a component are left out.
   */
  public CgroupPaths cutAt(String name) {
    Map<String, Path> cut = new HashMap<>();
    v1.forEach((controller, path) -> cut(path, name).ifPresent(p -> cut.put(controller, p)));
    return new CgroupPaths(cut, v2.flatMap(path -> cut(path, name)));
  }

  /** The cgroups above them, one step each; a path that has none is left out. */
  public CgroupPaths parents() {
    Map<String, Path> parents = new HashMap<>();
    v1.forEach(
        (controller, path) ->
            Optional.ofNullable(path.getParent()).ifPresent(p -> parents.put(controller, p)));
    return new CgroupPaths(parents, v2.map(Path::getParent));
  }

  private static Optional<Path> cut(Path path, String name) {
    Path folder = path;
    Optional<Path> found = Optional.empty();
    while (folder != null && folder.getFileName() != null) {
      if (folder.getFileName().toString().contains(name)) {
        found = Optional.of(folder);
      }
      folder = folder.getParent();
    }
    return found;
  }
}
