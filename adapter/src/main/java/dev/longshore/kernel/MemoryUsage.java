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
   * From v1's {@code memory.usage_in_bytes}, {@code memory.stat} and {@code memory.limit_in_bytes}.
   *
   * @return empty when the usage is no number
   */
  static Optional<MemoryUsage> v1(String usageInBytes, String stat, String limitInBytes) {
    MemoryStat parts = MemoryStat.v1(stat);
    return of(FlatKeyed.number(usageInBytes), parts, FlatKeyed.number(limitInBytes), parts.swap());
  }

  /**
   * From v2's {@code memory.current}, {@code memory.stat} and {@code memory.max}.
   *
   * @return empty when the usage is no number
   */
  static Optional<MemoryUsage> v2(
      String current, String stat, String max, Optional<SwapUsage> swap) {
    return of(FlatKeyed.number(current), MemoryStat.v2(stat), FlatKeyed.number(max), swap);
  }

  /** Empty without a usage; a limit may be one of the numbers that mean none. */
  static Optional<MemoryUsage> of(
      OptionalLong usage, MemoryStat stat, OptionalLong limit, Optional<SwapUsage> swap) {
    if (usage.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new MemoryUsage(
            usage.getAsLong(),
            stat.inactiveFileBytes(),
            stat.rssBytes(),
            stat.pageFaults(),
            stat.majorPageFaults(),
            FlatKeyed.limit(limit),
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
}
