package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds the cgroup of a process and reads what it used. Works with cgroup v1, v2 and both together,
 * under any cgroup driver, since the paths come from {@code /proc}. Everything that vanishes
 * meanwhile is an empty answer. Thread-safe.
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
    // CPU comes last, since every live cgroup has it: a cgroup that vanishes on the way must not
    // look like one without memory accounting.
    Optional<MemoryUsage> memory = memory(paths);
    Pressures pressures = pressures(paths);
    OptionalLong tasks = tasks(paths);
    return cpu(paths).map(cpu -> new CgroupUsage(cpu, memory, pressures, tasks));
  }

  /**
   * The traffic of the network that the process is in, as long as the process has a cgroup named
   * for {@code owner}; otherwise, or when it is gone, nothing.
   */
  public List<InterfaceUse> interfaces(int pid, String owner) {
    Optional<String> text = KernelText.read(process(pid).resolve("net/dev"));
    // Looked at after the reading: a pid that still belongs to the owner did so all the time.
    boolean owned =
        KernelText.read(process(pid).resolve("cgroup")).filter(c -> c.contains(owner)).isPresent();
    return text.isPresent() && owned ? InterfaceUse.parse(text.get()) : List.of();
  }

  /** CPU time used; empty when the cgroup is gone or has no accounting of it. */
  public Optional<CpuUsage> cpu(CgroupPaths paths) {
    Optional<CgroupDir> dir = paths.of("cpuacct");
    if (dir.isEmpty()) {
      return Optional.empty();
    }
    return switch (dir.get()) {
      case CgroupDir.V1(Path path) ->
          KernelText.read(path.resolve("cpuacct.usage")).flatMap(CpuUsage::v1);
      case CgroupDir.V2(Path path) ->
          KernelText.read(path.resolve("cpu.stat")).flatMap(CpuUsage::v2);
    };
  }

  /** Memory used; empty when the cgroup is gone or its memory controller is off. */
  public Optional<MemoryUsage> memory(CgroupPaths paths) {
    Optional<CgroupDir> dir = paths.of("memory");
    if (dir.isEmpty()) {
      return Optional.empty();
    }
    return switch (dir.get()) {
      case CgroupDir.V1(Path path) -> memoryV1(path);
      case CgroupDir.V2(Path path) -> memoryV2(path);
    };
  }

  private static OptionalLong tasks(CgroupPaths paths) {
    return paths
        .of("pids")
        .map(dir -> KernelText.number(dir.path().resolve("pids.current")))
        .orElse(OptionalLong.empty());
  }

  /** What its tasks waited for; only v2 accounts it, beside v1 too if a v2 hierarchy is mounted. */
  public Pressures pressures(CgroupPaths paths) {
    return new Pressures(
        pressure(paths, "cpu.pressure"),
        pressure(paths, "memory.pressure"),
        pressure(paths, "io.pressure"));
  }

  private static Optional<Pressure> pressure(CgroupPaths paths, String file) {
    return paths.v2().flatMap(dir -> KernelText.read(dir.resolve(file))).flatMap(Pressure::parse);
  }

  private static Optional<MemoryUsage> memoryV1(Path dir) {
    return KernelText.read(dir.resolve("memory.usage_in_bytes"))
        .flatMap(
            usage ->
                MemoryUsage.v1(
                    usage,
                    KernelText.read(dir.resolve("memory.stat")).orElse(""),
                    KernelText.read(dir.resolve("memory.limit_in_bytes")).orElse("")));
  }

  private static Optional<MemoryUsage> memoryV2(Path dir) {
    return KernelText.read(dir.resolve("memory.current"))
        .flatMap(
            current ->
                MemoryUsage.v2(
                    current,
                    KernelText.read(dir.resolve("memory.stat")).orElse(""),
                    KernelText.read(dir.resolve("memory.max")).orElse(""),
                    swapV2(dir)));
  }

  private static Optional<SwapUsage> swapV2(Path dir) {
    OptionalLong usage = KernelText.number(dir.resolve("memory.swap.current"));
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong limit = KernelText.number(dir.resolve("memory.swap.max"));
    return Optional.of(new SwapUsage(usage.getAsLong(), FlatKeyed.limit(limit)));
  }

  private Path process(int pid) {
    return proc.resolve(Integer.toString(pid));
  }

  private CgroupMounts readMounts() {
    return CgroupMounts.parse(
        KernelText.read(proc.resolve(Path.of("self", "mountinfo"))).orElse(""));
  }
}
