package dev.longshore.stats;

import static dev.longshore.stats.Metric.gauge;

import dev.longshore.kernel.CgroupUsage;
import dev.longshore.kernel.TaskDetails;
import dev.longshore.stats.Metric.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** Processes, what they hold, and times. */
final class TaskMetrics {
  static final List<Metric> ALL =
      List.of(
          gauge(
              "container_processes",
              "Processes",
              known(tasks -> OptionalLong.of(tasks.processes()))),
          gauge(
              "container_threads",
              "Threads, those that processes start with included",
              (subject, out) -> subject.usage().map(CgroupUsage::tasks).ifPresent(out::value)),
          gauge(
              "container_threads_max",
              "Most threads that there may be; 0 for no limit",
              known(tasks -> OptionalLong.of(tasks.limit().orElse(0)))),
          gauge(
              "container_file_descriptors",
              "Open file descriptors",
              known(tasks -> OptionalLong.of(tasks.openFiles()))),
          gauge("container_sockets", "Open sockets", known(TaskDetails::sockets)),
          gauge(
              "container_ulimits_soft",
              "Soft limits of the container's first process",
              (subject, out) ->
                  subject
                      .details()
                      .ifPresent(
                          details -> out.value(details.tasks().openFileLimit(), "max_open_files")),
              "ulimit"),
          gauge(
              "container_last_seen",
              "When this was read, in seconds since 1970",
              (subject, out) -> out.seconds(nanos(subject.time()))),
          gauge(
              "container_start_time_seconds",
              "When it was started, since 1970",
              (subject, out) -> out.seconds(nanos(subject.startedAt()))));

  private TaskMetrics() {}

  private static Values known(Function<TaskDetails, OptionalLong> number) {
    return (subject, out) ->
        subject.details().ifPresent(details -> out.value(number.apply(details.tasks())));
  }

  private static long nanos(Instant time) {
    return Duration.between(Instant.EPOCH, time).toNanos();
  }
}
