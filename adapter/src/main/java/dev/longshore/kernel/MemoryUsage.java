package dev.longshore.kernel;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Memory that is charged to a cgroup and to all below it.
 *
 * @param usageBytes all of it, page cache included
 * @param inactiveFileBytes page cache that the kernel takes back first
 * @param rssBytes anonymous memory
 * @param pageFaults since the cgroup was made; {@code majorPageFaults} are among them
 * @param limitBytes the cgroup's own limit, not that of one above it; empty for none
 * @param swap empty where the kernel does not account swap
 */
public record MemoryUsage(
    long usageBytes,
    long inactiveFileBytes,
    long rssBytes,
    long pageFaults,
    long majorPageFaults,
    OptionalLong limitBytes,
    Optional<SwapUsage> swap) {

  /**
   * From v1's {@code memory.usage_in_bytes}, {@code memory.stat} and {@code memory.limit_in_bytes}
   * (kernel cgroup-v1/memory.rst, §5). Only the {@code total_} lines count the cgroups below.
   *
   * @return empty when the usage is no number; what {@code memory.stat} lacks counts as 0
   */
  public static Optional<MemoryUsage> v1(String usageInBytes, String stat, String limitInBytes) {
    OptionalLong usage = FlatKeyed.number(usageInBytes);
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    // In the kernel's order.
    FlatKeyed.Finder lines = new FlatKeyed.Finder(stat);
    OptionalLong memoryLimit = lines.value("hierarchical_memory_limit");
    OptionalLong bothLimit = lines.value("hierarchical_memsw_limit");
    long rss = lines.value("total_rss").orElse(0);
    OptionalLong swap = lines.value("total_swap");
    long faults = lines.value("total_pgfault").orElse(0);
    long majorFaults = lines.value("total_pgmajfault").orElse(0);
    return Optional.of(
        new MemoryUsage(
            usage.getAsLong(),
            lines.value("total_inactive_file").orElse(0),
            rss,
            faults,
            majorFaults,
            FlatKeyed.limit(FlatKeyed.number(limitInBytes)),
            swapV1(swap, memoryLimit, bothLimit)));
  }

  /**
   * From v2's {@code memory.current}, {@code memory.stat} and {@code memory.max} (kernel
   * cgroup-v2.rst, "Memory Interface Files").
   *
   * @return empty when the usage is no number; what {@code memory.stat} lacks counts as 0
   */
  public static Optional<MemoryUsage> v2(
      String current, String stat, String max, Optional<SwapUsage> swap) {
    OptionalLong usage = FlatKeyed.number(current);
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    // In the kernel's order.
    FlatKeyed.Finder lines = new FlatKeyed.Finder(stat);
    long anonymous = lines.value("anon").orElse(0);
    long inactiveFile = lines.value("inactive_file").orElse(0);
    long faults = lines.value("pgfault").orElse(0);
    return Optional.of(
        new MemoryUsage(
            usage.getAsLong(),
            inactiveFile,
            anonymous,
            faults,
            lines.value("pgmajfault").orElse(0),
            FlatKeyed.limit(FlatKeyed.number(max)),
            swap));
  }

  /**
   * What is in use and cannot simply be taken back: usage without inactive page cache, as the
   * kubelet counts for evictions.
   */
  public long workingSetBytes() {
    return Math.max(0, usageBytes - inactiveFileBytes);
  }

  /** What is left of the limit, 0 at least; empty when there is none. */
  public OptionalLong availableBytes() {
    return limitBytes.isPresent()
        ? OptionalLong.of(Math.max(0, limitBytes.getAsLong() - workingSetBytes()))
        : OptionalLong.empty();
  }

  /** What two cgroups use together, which have no limit in common. */
  MemoryUsage plus(MemoryUsage other) {
    return new MemoryUsage(
        usageBytes + other.usageBytes,
        inactiveFileBytes + other.inactiveFileBytes,
        rssBytes + other.rssBytes,
        pageFaults + other.pageFaults,
        majorPageFaults + other.majorPageFaults,
        OptionalLong.empty(),
        Optional.empty());
  }

  // v1 limits memory and swap together; the difference of the two limits is what may be swap. The
  // line total_swap is missing where the kernel runs without swap accounting.
  private static Optional<SwapUsage> swapV1(
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
