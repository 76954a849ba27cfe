package dev.longshore.kernel;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  // More than any cgroup file read here; mountinfo may be longer.
  private static final int USUAL_SIZE = 4096;

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
    Optional<String> text = read(process(pid).resolve("cgroup"));
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
    Optional<String> text = read(process(pid).resolve("net/dev"));
    // Looked at after the reading: a pid that still belongs to the owner did so all the time.
    boolean owned = read(process(pid).resolve("cgroup")).filter(c -> c.contains(owner)).isPresent();
    return text.isPresent() && owned ? InterfaceUse.parse(text.get()) : List.of();
  }

  /** CPU time used; empty when the cgroup is gone or has no accounting of it. */
  public Optional<CpuUsage> cpu(CgroupPaths paths) {
    Optional<CgroupDir> dir = paths.of("cpuacct");
    if (dir.isEmpty()) {
      return Optional.empty();
    }
    return switch (dir.get()) {
      case CgroupDir.V1(Path path) -> read(path.resolve("cpuacct.usage")).flatMap(CpuUsage::v1);
      case CgroupDir.V2(Path path) -> read(path.resolve("cpu.stat")).flatMap(CpuUsage::v2);
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
        .flatMap(dir -> read(dir.path().resolve("pids.current")))
        .map(FlatKeyed::number)
        .orElseGet(OptionalLong::empty);
  }

  /** What its tasks waited for; only v2 accounts it, beside v1 too if a v2 hierarchy is mounted. */
  public Pressures pressures(CgroupPaths paths) {
    return new Pressures(
        pressure(paths, "cpu.pressure"),
        pressure(paths, "memory.pressure"),
        pressure(paths, "io.pressure"));
  }

  private static Optional<Pressure> pressure(CgroupPaths paths, String file) {
    return paths.v2().flatMap(dir -> read(dir.resolve(file))).flatMap(Pressure::parse);
  }

  private static Optional<MemoryUsage> memoryV1(Path dir) {
    return read(dir.resolve("memory.usage_in_bytes"))
        .flatMap(
            usage ->
                MemoryUsage.v1(
                    usage,
                    read(dir.resolve("memory.stat")).orElse(""),
                    read(dir.resolve("memory.limit_in_bytes")).orElse("")));
  }

  private static Optional<MemoryUsage> memoryV2(Path dir) {
    return read(dir.resolve("memory.current"))
        .flatMap(
            current ->
                MemoryUsage.v2(
                    current,
                    read(dir.resolve("memory.stat")).orElse(""),
                    read(dir.resolve("memory.max")).orElse(""),
                    swapV2(dir)));
  }

  private static Optional<SwapUsage> swapV2(Path dir) {
    OptionalLong usage =
        read(dir.resolve("memory.swap.current"))
            .map(FlatKeyed::number)
            .orElseGet(OptionalLong::empty);
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong limit =
        read(dir.resolve("memory.swap.max")).map(FlatKeyed::number).orElseGet(OptionalLong::empty);
    return Optional.of(new SwapUsage(usage.getAsLong(), FlatKeyed.limit(limit)));
  }

  private Path process(int pid) {
    return proc.resolve(Integer.toString(pid));
  }

  private CgroupMounts readMounts() {
    return CgroupMounts.parse(read(proc.resolve(Path.of("self", "mountinfo"))).orElse(""));
  }

  // A stream, not a channel: interrupting the reader of a channel closes it, and the file would
  // seem to have vanished. These files have no size to ask for, and readAllBytes alone would take
  // 16 KiB for each number.
  private static Optional<String> read(Path file) {
    try (var in = new FileInputStream(file.toFile())) {
      byte[] start = new byte[USUAL_SIZE];
      int length = in.readNBytes(start, 0, start.length);
      String text = new String(start, 0, length, StandardCharsets.ISO_8859_1);
      return Optional.of(
          length < start.length
              ? text
              : text + new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
