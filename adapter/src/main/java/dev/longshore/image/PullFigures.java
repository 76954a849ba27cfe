package dev.longshore.image;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import dev.longshore.metrics.Timings;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Pulls: how many, how they end, how much they bring, and how they come on. Thread-safe. */
final class PullFigures implements Source {
  private static final double MILLIS = 1000;
  private static final Family RUNNING =
      Family.gauge("longshore_image_running_pulls", "pulls", "Image pulls under way");
  private static final Family SILENCE =
      Family.gauge(
          "longshore_image_pull_silence_seconds",
          "seconds",
          "How long that pull has made no progress which has made none for longest");

  private final Tally pulls =
      new Tally(
          Family.counter(
              "longshore_image_pulls_total", "pulls", "Image pulls that have ended", "outcome"));
  private final Timings times =
      new Timings(
          Family.seconds("longshore_image_pull_duration_seconds", "How long image pulls take"));
  private final Tally bytes =
      new Tally(
          Family.counter(
              "longshore_image_pulled_bytes_total", "bytes", "Bytes of layers downloaded"));
  private final Set<PullWatch> running = ConcurrentHashMap.newKeySet();

  void began(PullWatch watch) {
    running.add(watch);
  }

  void downloaded(long more) {
    bytes.add(more);
  }

  void ended(PullWatch watch, String outcome, long nanos) {
    running.remove(watch);
    pulls.add(outcome);
    times.took(nanos);
  }

  @Override
  public void writeTo(Exposition out) {
    pulls.writeTo(out);
    times.writeTo(out);
    bytes.writeTo(out);
    out.single(RUNNING, running.size());
    Duration longest =
        running.stream().map(PullWatch::silence).max(Duration::compareTo).orElse(Duration.ZERO);
    out.single(SILENCE, longest.toMillis() / MILLIS);
  }
}
