package dev.longshore.kernel;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * CPU time that the processes of a cgroup and of all below it have used since it was made, those
 * that have ended included.
 *
 * @param totalNanos over all CPUs, never shrinking
 */
public record CpuUsage(long totalNanos) {
  /**
   * From v1's {@code cpuacct.usage}, which is in nanoseconds (kernel cgroup-v1/cpuacct.rst).
   *
   * @return empty for a text of another form
   */
  public static Optional<CpuUsage> v1(String cpuacctUsage) {
    OptionalLong nanos = FlatKeyed.number(cpuacctUsage);
    return nanos.isPresent() ? Optional.of(new CpuUsage(nanos.getAsLong())) : Optional.empty();
  }

  /**
   * From v2's {@code cpu.stat}, which is in microseconds and there even where the cpu controller is
   * off (kernel cgroup-v2.rst, "CPU Interface Files").
   *
   * @return empty for a text of another form
   */
  public static Optional<CpuUsage> v2(String cpuStat) {
    OptionalLong micros = FlatKeyed.value(cpuStat, "usage_usec");
    return micros.isPresent()
        ? Optional.of(new CpuUsage(micros.getAsLong() * 1000))
        : Optional.empty();
  }
}
