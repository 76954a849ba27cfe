package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the cgroup of a process, and what it is to be known by. Works with cgroup v1, v2 and both
 * together, under any cgroup driver, since the paths come from {@code /proc}. Everything that
 * vanishes meanwhile is an empty answer. Thread-safe.
 */
public final class CgroupReader {
  private final Path proc;
  private volatile CgroupMounts mounts;

  /** {@code proc} is where procfs is mounted. */
  public CgroupReader(Path proc) {
    this.proc = proc;
    this.mounts = readMounts();
  }

  /**
   * The cgroup that the process is in, or the one above it that is named for {@code owner}.
   *
   * @return empty when the process is gone, or when no cgroup of it is named so: then it is another
   *     process that got the same pid
   */
  public Optional<CgroupPaths> find(int pid, String owner) {
    Optional<String> text = KernelText.read(process(pid).resolve("cgroup"));
    if (text.isEmpty() || !text.get().contains(owner)) {
      return Optional.empty();
    }
    CgroupPaths found = CgroupPaths.parse(text.get(), mounts).cutAt(owner);
    if (found.isEmpty()) {
      mounts = readMounts();
      found = CgroupPaths.parse(text.get(), mounts).cutAt(owner);
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }

  /**
   * The cgroup's name, from the root of its hierarchy: that of the memory controller, or another.
   */
  public String name(CgroupPaths paths) {
    return paths
        .of("memory")
        .map(CgroupDir::path)
        .or(() -> paths.folders().findFirst())
        .flatMap(folder -> mounts.cgroup(folder))
        .orElse("");
  }

  /** All that it uses; empty when the cgroup is gone or has no accounting of CPU time. */
  public Optional<CgroupUsage> usage(CgroupPaths paths) {
    try (Cgroup cgroup = open(paths)) {
      return cgroup.usage();
    }
  }

  /** The cgroup, to be read again and again; it must be closed. */
  public Cgroup open(CgroupPaths paths) {
    return new Cgroup(paths);
  }

  /**
   * The network that the process is in; it must be closed. Empty when the process is gone, or has
   * no cgroup named for {@code owner}: then it is another process that got the same pid.
   */
  public Optional<ProcessNetwork> network(int pid, String owner) {
    return ProcessNetwork.open(process(pid), owner);
  }

  private Path process(int pid) {
    return proc.resolve(Integer.toString(pid));
  }

  private CgroupMounts readMounts() {
    return CgroupMounts.parse(
        KernelText.read(proc.resolve(Path.of("self", "mountinfo"))).orElse(""));
  }
}
