package dev.longshore.logs;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import java.time.Duration;
import java.util.Collection;

/** What is copied to container logs, and how far behind that is. Thread-safe. */
final class LogFigures implements Source {
  private static final double MILLIS = 1000;
  private static final Family FOLLOWED =
      Family.gauge(
          "longshore_log_followed_containers", "containers", "Containers whose output is copied");
  private static final Family TROUBLED =
      Family.gauge(
          "longshore_log_troubled_containers",
          "containers",
          "Containers whose output cannot be copied now");
  private static final Family LAG =
      Family.gauge(
          "longshore_log_lag_seconds",
          "seconds",
          "How long that output has waited to be copied which has waited for longest");

  private final Collection<Following> followed;
  private final Tally bytes =
      new Tally(
          Family.counter(
              "longshore_log_copied_bytes_total", "bytes", "Bytes written to container logs"));
  private final Tally losses =
      new Tally(
          Family.counter(
              "longshore_log_losses_total",
              "losses",
              "Times that Docker's files were overwritten before they were copied"));

  /** {@code followed} is live, and may be read by any thread. */
  LogFigures(Collection<Following> followed) {
    this.followed = followed;
  }

  void copied(long more) {
    bytes.add(more);
  }

  void lost() {
    losses.add();
  }

  @Override
  public void writeTo(Exposition out) {
    out.single(FOLLOWED, followed.size());
    long troubled = followed.stream().filter(log -> log.trouble().isPresent()).count();
    out.single(TROUBLED, (double) troubled);
    Duration longest =
        followed.stream().map(Following::lag).max(Duration::compareTo).orElse(Duration.ZERO);
    out.single(LAG, longest.toMillis() / MILLIS);
    bytes.writeTo(out);
    losses.writeTo(out);
  }
}
