package dev.longshore.rpc;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import dev.longshore.metrics.Timings;
import io.grpc.Status;

/** Calls by method, with their times and statuses, as metrics. Thread-safe. */
public final class CallFigures implements Source {
  private final Tally calls =
      new Tally(
          Family.counter(
              "longshore_rpc_calls_total", "calls", "CRI calls that have ended", "method", "code"));
  private final Tally inFlight =
      new Tally(
          Family.gauge("longshore_rpc_in_flight_calls", "calls", "CRI calls under way", "method"));
  private final Timings times =
      new Timings(
          Family.seconds("longshore_rpc_duration_seconds", "How long CRI calls take", "method"));

  void began(String method) {
    inFlight.add(method);
  }

  void ended(String method, Status.Code code, long nanos) {
    inFlight.add(-1, method);
    calls.add(method, code.name());
    times.took(nanos, method);
  }

  @Override
  public void writeTo(Exposition out) {
    calls.writeTo(out);
    inFlight.writeTo(out);
    times.writeTo(out);
  }
}
