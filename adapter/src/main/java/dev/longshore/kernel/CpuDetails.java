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
