package dev.longshore.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A cgroup whose files stay open between readings. Works with cgroup v1, v2 and both together.
 * Everything that vanishes meanwhile is an empty answer. One call at a time.
 */
public final class Cgroup implements AutoCloseable {
  private final CgroupPaths paths;
  private final Optional<CgroupDir> cpu;
  private final Optional<CgroupDir> memory;
  private final Optional<CgroupDir> pids;
  // By name, which is enough: no two controllers have files of the same name.
  private final Map<String, KeptFile> files = new HashMap<>();

  Cgroup(CgroupPaths paths) {
    this.paths = paths;
    this.cpu = paths.of("cpuacct");
    this.memory = paths.of("memory");
    this.pids = paths.of("pids");
  }

  /** All that it uses now; empty when it is gone or has no accounting of CPU time. */
  public Optional<CgroupUsage> usage() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Descriptors.BUFFER);
      // CPU comes last, since every live cgroup has it: a cgroup that vanishes on the way must not
      // look like one without memory accounting.
      Optional<MemoryUsage> bytes = memory.flatMap(dir -> memory(dir, buffer));
      Pressures pressures = pressures(buffer);
      OptionalLong tasks = number(pids, "pids.current", buffer);
      return cpu.flatMap(dir -> cpu(dir, buffer))
          .map(time -> new CgroupUsage(time, bytes, pressures, tasks));
    }
  }

  @Override
  public void close() {
    files.values().forEach(KeptFile::close);
  }

  private Optional<CpuUsage> cpu(CgroupDir dir, MemorySegment buffer) {
    return switch (dir) {
      case CgroupDir.V1(Path path) -> read(path, "cpuacct.usage", buffer).flatMap(CpuUsage::v1);
      case CgroupDir.V2(Path path) -> read(path, "cpu.stat", buffer).flatMap(CpuUsage::v2);
    };
  }

  private Optional<MemoryUsage> memory(CgroupDir dir, MemorySegment buffer) {
    return switch (dir) {
      case CgroupDir.V1(Path path) ->
          read(path, "memory.usage_in_bytes", buffer)
              .flatMap(
                  usage ->
                      MemoryUsage.v1(
                          usage,
                          read(path, "memory.stat", buffer).orElse(""),
                          read(path, "memory.limit_in_bytes", buffer).orElse("")));
      case CgroupDir.V2(Path path) ->
          read(path, "memory.current", buffer)
              .flatMap(
                  current ->
                      MemoryUsage.v2(
                          current,
                          read(path, "memory.stat", buffer).orElse(""),
                          read(path, "memory.max", buffer).orElse(""),
                          swapV2(dir, buffer)));
    };
  }

  private Optional<SwapUsage> swapV2(CgroupDir dir, MemorySegment buffer) {
    OptionalLong usage = number(Optional.of(dir), "memory.swap.current", buffer);
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong limit = number(Optional.of(dir), "memory.swap.max", buffer);
    return Optional.of(new SwapUsage(usage.getAsLong(), FlatKeyed.limit(limit)));
  }

  // Only v2 accounts what tasks waited for, beside v1 too if a v2 hierarchy is mounted.
  private Pressures pressures(MemorySegment buffer) {
    return new Pressures(
        pressure("cpu.pressure", buffer),
        pressure("memory.pressure", buffer),
        pressure("io.pressure", buffer));
  }

  private Optional<Pressure> pressure(String file, MemorySegment buffer) {
    return paths.v2().flatMap(dir -> read(dir, file, buffer)).flatMap(Pressure::parse);
  }

  private OptionalLong number(Optional<CgroupDir> dir, String file, MemorySegment buffer) {
    return dir.flatMap(found -> read(found.path(), file, buffer))
        .map(FlatKeyed::number)
        .orElseGet(OptionalLong::empty);
  }

  private Optional<String> read(Path dir, String name, MemorySegment buffer) {
    return files.computeIfAbsent(name, _ -> new KeptFile(dir.resolve(name))).read(buffer);
  }
}
