package dev.longshore.kernel;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Where a cgroup's CPU time went.
 *
 * @param userNanos of the processes themselves
 * @param systemNanos of the kernel on their behalf
 * @param throttling empty where the cpu controller is off
 */
public record CpuDetails(
    OptionalLong userNanos, OptionalLong systemNanos, Optional<Throttling> throttling) {

  // USER_HZ, which is the same on all machines that Java runs on.
  private static final long TICKS_PER_SECOND = 100;

  /** From v1's {@code cpuacct.stat}, which counts in hundredths of a second, and cpu.stat. */
  static CpuDetails v1(String cpuacctStat, String cpuStat) {
    return new CpuDetails(
        ticks(FlatKeyed.value(cpuacctStat, "user")),
        ticks(FlatKeyed.value(cpuacctStat, "system")),
        Throttling.parse(cpuStat));
  }

  private static OptionalLong ticks(OptionalLong ticks) {
    return ticks.isPresent()
        ? OptionalLong.of(ticks.getAsLong() * (TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND))
        : OptionalLong.empty();
  }

  /** From v2's {@code cpu.stat}. */
  static CpuDetails v2(String cpuStat) {
    return new CpuDetails(
        nanos(FlatKeyed.value(cpuStat, "user_usec")),
        nanos(FlatKeyed.value(cpuStat, "system_usec")),
        Throttling.parse(cpuStat));
  }

  private static OptionalLong nanos(OptionalLong micros) {
    return micros.isPresent()
        ? OptionalLong.of(TimeUnit.MICROSECONDS.toNanos(micros.getAsLong()))
        : OptionalLong.empty();
  }
}
