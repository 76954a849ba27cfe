package dev.longshore.kernel;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@link MemoryUsage} takes from a {@code memory.stat}; what the file lacks counts as 0.
 *
 * @param swap in v1, where the kernel accounts it
 */
record MemoryStat(
    long inactiveFileBytes,
    long rssBytes,
    long pageFaults,
    long majorPageFaults,
    Optional<SwapUsage> swap) {
  static final MemoryStat NONE = new MemoryStat(0, 0, 0, 0, Optional.empty());

  /** Only the {@code total_} lines count the cgroups below (kernel cgroup-v1/memory.rst, §5). */
  static MemoryStat v1(String text) {
    // In the kernel's order.
    FlatKeyed.Finder lines = new FlatKeyed.Finder(text);
    OptionalLong memoryLimit = lines.value("hierarchical_memory_limit");
    OptionalLong bothLimit = lines.value("hierarchical_memsw_limit");
    long rss = lines.value("total_rss").orElse(0);
    OptionalLong swap = lines.value("total_swap");
    long faults = lines.value("total_pgfault").orElse(0);
    long majorFaults = lines.value("total_pgmajfault").orElse(0);
    return new MemoryStat(
        lines.value("total_inactive_file").orElse(0),
        rss,
        faults,
        majorFaults,
        swap(swap, memoryLimit, bothLimit));
  }

  /** Kernel cgroup-v2.rst, "Memory Interface Files". */
  static MemoryStat v2(String text) {
    // In the kernel's order.
    FlatKeyed.Finder lines = new FlatKeyed.Finder(text);
    long anonymous = lines.value("anon").orElse(0);
    long inactiveFile = lines.value("inactive_file").orElse(0);
    long faults = lines.value("pgfault").orElse(0);
    return new MemoryStat(
        inactiveFile, anonymous, faults, lines.value("pgmajfault").orElse(0), Optional.empty());
  }

  // v1 limits memory and swap together; the difference of the two limits is what may be swap. The
  // line total_swap is missing where the kernel runs without swap accounting.
  private static Optional<SwapUsage> swap(
      OptionalLong swap, OptionalLong memoryLimit, OptionalLong bothLimit) {
    if (swap.isEmpty()) {
      return Optional.empty();
    }
    OptionalLong both = FlatKeyed.limit(bothLimit);
    OptionalLong memory = FlatKeyed.limit(memoryLimit);
    OptionalLong limit =
        both.isPresent() && memory.isPresent()
            ? OptionalLong.of(Math.max(0, both.getAsLong() - memory.getAsLong()))
            : OptionalLong.empty();
    return Optional.of(new SwapUsage(swap.getAsLong(), limit));
  }
}
