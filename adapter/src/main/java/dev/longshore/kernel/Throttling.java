package dev.longshore.kernel;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * How often a CPU quota held tasks up, since the cgroup was made (kernel scheduler/sched-bwc.rst).
 *
 * @param periods in which there was something to run
 * @param throttledPeriods those of them in which the quota ran out
 * @param throttledNanos time that tasks stood still for it, over all CPUs
 */
public record Throttling(long periods, long throttledPeriods, long throttledNanos) {
  /**
   * From a {@code cpu.stat} of v1, where the time is in nanoseconds, or of v2, in microseconds.
   *
   * @return empty where the cpu controller is off
   */
  static Optional<Throttling> parse(String cpuStat) {
    OptionalLong periods = FlatKeyed.value(cpuStat, "nr_periods");
    OptionalLong micros = FlatKeyed.value(cpuStat, "throttled_usec");
    return periods.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Throttling(
                periods.getAsLong(),
                FlatKeyed.value(cpuStat, "nr_throttled").orElse(0),
                micros.isPresent()
                    ? TimeUnit.MICROSECONDS.toNanos(micros.getAsLong())
                    : FlatKeyed.value(cpuStat, "throttled_time").orElse(0)));
  }
}
