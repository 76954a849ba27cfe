package dev.longshore.stats;

import static dev.longshore.stats.Metric.counter;
import static dev.longshore.stats.Metric.gauge;

import dev.longshore.docker.ResourceSpec;
import dev.longshore.kernel.CgroupDetails;
import dev.longshore.kernel.CpuDetails;
import dev.longshore.kernel.Throttling;
import dev.longshore.stats.Metric.Out;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** CPU time, and what its limits do. */
final class CpuMetrics {
  // What the kernel and Docker take when nothing is said (kernel scheduler/sched-bwc.rst).
  private static final long USUAL_PERIOD = 100_000;
  private static final long USUAL_SHARES = 1024;

  static final List<Metric> ALL =
      List.of(
          counter(
              "container_cpu_usage_seconds_total",
              "CPU time used",
              (subject, out) ->
                  subject
                      .usage()
                      .ifPresent(usage -> out.seconds(usage.cpu().totalNanos(), "total")),
              "cpu"),
          counter(
              "container_cpu_user_seconds_total",
              "CPU time used by the processes themselves",
              (subject, out) ->
                  subject
                      .details()
                      .ifPresent(details -> details.cpu().userNanos().ifPresent(out::seconds))),
          counter(
              "container_cpu_system_seconds_total",
              "CPU time used by the kernel on behalf of the processes",
              (subject, out) ->
                  subject
                      .details()
                      .ifPresent(details -> details.cpu().systemNanos().ifPresent(out::seconds))),
          counter(
              "container_cpu_cfs_periods_total",
              "Periods of the CPU quota in which there was something to run",
              (subject, out) -> throttling(subject, out, Throttling::periods)),
          counter(
              "container_cpu_cfs_throttled_periods_total",
              "Periods in which the CPU quota ran out",
              (subject, out) -> throttling(subject, out, Throttling::throttledPeriods)),
          counter(
              "container_cpu_cfs_throttled_seconds_total",
              "Time that tasks stood still because the CPU quota had run out",
              (subject, out) ->
                  throttling(subject).ifPresent(t -> out.seconds(t.throttledNanos()))),
          gauge(
              "container_spec_cpu_period",
              "Length of a period of the CPU quota in microseconds",
              (subject, out) ->
                  subject
                      .limits()
                      .ifPresent(
                          spec -> out.value((double) spec.cpuPeriodMicros().orElse(USUAL_PERIOD)))),
          gauge(
              "container_spec_cpu_quota",
              "CPU time that a period gives in microseconds; no value for no limit",
              (subject, out) ->
                  subject
                      .limits()
                      .filter(CpuMetrics::hasQuota)
                      .ifPresent(spec -> out.value(spec.cpuQuotaMicros()))),
          gauge(
              "container_spec_cpu_shares",
              "Weight of the CPU time when there is not enough for all",
              (subject, out) ->
                  subject
                      .limits()
                      .ifPresent(
                          spec -> out.value((double) spec.cpuShares().orElse(USUAL_SHARES)))));

  private CpuMetrics() {}

  private static void throttling(Subject subject, Out out, ToLongFunction<Throttling> number) {
    throttling(subject).ifPresent(t -> out.value((double) number.applyAsLong(t)));
  }

  /** Of containers that have a quota: without one it never runs out. */
  private static Optional<Throttling> throttling(Subject subject) {
    return subject
        .limits()
        .filter(CpuMetrics::hasQuota)
        .flatMap(_ -> subject.details())
        .map(CgroupDetails::cpu)
        .flatMap(CpuDetails::throttling);
  }

  private static boolean hasQuota(ResourceSpec spec) {
    return spec.cpuQuotaMicros().orElse(0) > 0;
  }
}
