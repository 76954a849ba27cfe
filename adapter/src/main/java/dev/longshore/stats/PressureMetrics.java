package dev.longshore.stats;

import dev.longshore.kernel.CgroupUsage;
import dev.longshore.kernel.Pressure;
import dev.longshore.kernel.Pressures;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Pressure stalls, where the kernel accounts them: "waiting" is its "some", "stalled" its "full".
 */
final class PressureMetrics {
  static final List<Metric> ALL =
      Stream.of(
              resource("cpu", Pressures::cpu),
              resource("io", Pressures::io),
              resource("memory", Pressures::memory))
          .flatMap(List::stream)
          .toList();

  private PressureMetrics() {}

  private static List<Metric> resource(
      String name, Function<Pressures, Optional<Pressure>> resource) {
    return List.of(
        Metric.counter(
            "container_pressure_%s_waiting_seconds_total".formatted(name),
            "Time that at least one task waited for " + name,
            (subject, out) ->
                subject
                    .usage()
                    .map(CgroupUsage::pressures)
                    .flatMap(resource)
                    .ifPresent(pressure -> out.seconds(pressure.some().totalNanos()))),
        Metric.counter(
            "container_pressure_%s_stalled_seconds_total".formatted(name),
            "Time that all tasks waited for " + name,
            (subject, out) ->
                subject
                    .usage()
                    .map(CgroupUsage::pressures)
                    .flatMap(resource)
                    .flatMap(Pressure::full)
                    .ifPresent(full -> out.seconds(full.totalNanos()))));
  }
}
