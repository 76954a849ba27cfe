package dev.longshore.kernel;

import java.util.List;
import java.util.OptionalLong;

/**
 * What memory that is charged to a cgroup is used for, and how often it ran short.
 *
 * @param cacheBytes page cache, files in memory included
 * @param mappedFileBytes page cache that processes have mapped
 * @param kernelBytes memory of the kernel for this cgroup
 * @param maxBytes the most that was ever charged; empty before Linux 5.19 with v2
 * @param limitHits how often an allocation met the limit
 * @param oomKills processes killed for want of memory, since Linux 4.13
 * @param ownPageFaults those of this cgroup alone in v1; v2 counts only with all below
 * @param lowBytes what is spared as long as others have memory to give; empty for nothing
 */
public record MemoryDetails(
    long cacheBytes,
    long mappedFileBytes,
    OptionalLong kernelBytes,
    OptionalLong maxBytes,
    OptionalLong limitHits,
    OptionalLong oomKills,
    long ownPageFaults,
    long ownMajorPageFaults,
    OptionalLong lowBytes) {
  // What kernels before 5.18 tell apart, and later ones together (kernel cgroup-v2.rst).
  private static final List<String> KERNEL_PARTS =
      List.of("kernel_stack", "pagetables", "percpu", "vmalloc", "slab");

  /** From v1's {@code memory.stat} and {@code memory.oom_control} and files of one number. */
  static MemoryDetails v1(
      String stat,
      String oomControl,
      OptionalLong kernel,
      OptionalLong max,
      OptionalLong failures,
      OptionalLong softLimit) {
    return new MemoryDetails(
        FlatKeyed.value(stat, "total_cache").orElse(0),
        FlatKeyed.value(stat, "total_mapped_file").orElse(0),
        kernel,
        max,
        failures,
        FlatKeyed.value(oomControl, "oom_kill"),
        FlatKeyed.value(stat, "pgfault").orElse(0),
        FlatKeyed.value(stat, "pgmajfault").orElse(0),
        FlatKeyed.limit(softLimit));
  }

  /** From v2's {@code memory.stat} and {@code memory.events} and files of one number. */
  static MemoryDetails v2(String stat, String events, OptionalLong peak, OptionalLong low) {
    return new MemoryDetails(
        FlatKeyed.value(stat, "file").orElse(0),
        FlatKeyed.value(stat, "file_mapped").orElse(0),
        kernel(stat),
        peak,
        FlatKeyed.value(events, "max"),
        FlatKeyed.value(events, "oom_kill"),
        FlatKeyed.value(stat, "pgfault").orElse(0),
        FlatKeyed.value(stat, "pgmajfault").orElse(0),
        low.orElse(0) == 0 ? OptionalLong.empty() : FlatKeyed.limit(low));
  }

  private static OptionalLong kernel(String stat) {
    OptionalLong together = FlatKeyed.value(stat, "kernel");
    if (together.isPresent()) {
      return together;
    }
    return KERNEL_PARTS.stream()
        .map(part -> FlatKeyed.value(stat, part))
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .reduce(Long::sum);
  }
}
