package dev.longshore.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * A cgroup whose files stay open between readings. Works with cgroup v1, v2 and both together.
 * Everything that vanishes meanwhile is an empty answer. One call at a time.
 */
public final class Cgroup implements AutoCloseable {
  private final List<KeptFile<?>> all = new ArrayList<>();
  private final Optional<KeptFile<Optional<CpuUsage>>> cpu;
  private final Optional<Memory> memory;
  private final Optional<KeptFile<OptionalLong>> tasks;
  // Only v2 accounts what tasks waited for, beside v1 too if a v2 hierarchy is mounted.
  private final Optional<Stalls> stalls;

  Cgroup(CgroupPaths paths) {
    cpu = paths.of("cpuacct").map(this::cpu);
    memory = paths.of("memory").map(this::memory);
    tasks = paths.of("pids").map(dir -> number(dir.path(), "pids.current"));
    stalls = paths.v2().map(this::stalls);
  }

  private record Memory(
      KeptFile<OptionalLong> usage,
      KeptFile<MemoryStat> stat,
      KeptFile<OptionalLong> limit,
      Optional<Swap> swap) {}

  /** v2's files; v1 has it in {@code memory.stat}. */
  private record Swap(KeptFile<OptionalLong> usage, KeptFile<OptionalLong> limit) {}

  private record Stalls(
      KeptFile<Optional<Pressure>> cpu,
      KeptFile<Optional<Pressure>> memory,
      KeptFile<Optional<Pressure>> io) {}

  /** All that it uses now; empty when it is gone or has no accounting of CPU time. */
  public Optional<CgroupUsage> usage() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Descriptors.BUFFER);
      // CPU comes last, since every live cgroup has it: a cgroup that vanishes on the way must not
      // look like one without memory accounting.
      Optional<MemoryUsage> bytes = memory.flatMap(files -> read(files, buffer));
      Pressures pressures = stalls.map(files -> read(files, buffer)).orElse(Pressures.NONE);
      OptionalLong number = tasks.map(file -> read(file, buffer)).orElse(OptionalLong.empty());
      return cpu.flatMap(file -> file.read(buffer))
          .flatMap(Function.identity())
          .map(time -> new CgroupUsage(time, bytes, pressures, number));
    }
  }

  @Override
  public void close() {
    all.forEach(KeptFile::close);
  }

  private static Optional<MemoryUsage> read(Memory files, MemorySegment buffer) {
    OptionalLong usage = read(files.usage, buffer);
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    MemoryStat stat = files.stat.read(buffer).orElse(MemoryStat.NONE);
    OptionalLong limit = read(files.limit, buffer);
    Optional<SwapUsage> swap =
        files.swap.isPresent() ? read(files.swap.get(), buffer) : stat.swap();
    return MemoryUsage.of(usage, stat, limit, swap);
  }

  private static Optional<SwapUsage> read(Swap files, MemorySegment buffer) {
    OptionalLong usage = read(files.usage, buffer);
    OptionalLong limit = read(files.limit, buffer);
    return usage.isPresent()
        ? Optional.of(new SwapUsage(usage.getAsLong(), FlatKeyed.limit(limit)))
        : Optional.empty();
  }

  private static Pressures read(Stalls files, MemorySegment buffer) {
    return new Pressures(
        files.cpu.read(buffer).flatMap(Function.identity()),
        files.memory.read(buffer).flatMap(Function.identity()),
        files.io.read(buffer).flatMap(Function.identity()));
  }

  private static OptionalLong read(KeptFile<OptionalLong> file, MemorySegment buffer) {
    return file.read(buffer).orElse(OptionalLong.empty());
  }

  private KeptFile<Optional<CpuUsage>> cpu(CgroupDir dir) {
    return switch (dir) {
      case CgroupDir.V1(Path path) -> kept(path, "cpuacct.usage", CpuUsage::v1);
      case CgroupDir.V2(Path path) -> kept(path, "cpu.stat", CpuUsage::v2);
    };
  }

  private Memory memory(CgroupDir dir) {
    return switch (dir) {
      case CgroupDir.V1(Path path) ->
          new Memory(
              number(path, "memory.usage_in_bytes"),
              kept(path, "memory.stat", MemoryStat::v1),
              number(path, "memory.limit_in_bytes"),
              Optional.empty());
      case CgroupDir.V2(Path path) ->
          new Memory(
              number(path, "memory.current"),
              kept(path, "memory.stat", MemoryStat::v2),
              number(path, "memory.max"),
              Optional.of(
                  new Swap(number(path, "memory.swap.current"), number(path, "memory.swap.max"))));
    };
  }

  private Stalls stalls(Path dir) {
    return new Stalls(
        kept(dir, "cpu.pressure", Pressure::parse),
        kept(dir, "memory.pressure", Pressure::parse),
        kept(dir, "io.pressure", Pressure::parse));
  }

  private KeptFile<OptionalLong> number(Path dir, String name) {
    return kept(dir, name, FlatKeyed::number);
  }

  private <T> KeptFile<T> kept(Path dir, String name, Function<String, T> parser) {
    KeptFile<T> file = new KeptFile<>(dir.resolve(name), parser);
    all.add(file);
    return file;
  }
}
