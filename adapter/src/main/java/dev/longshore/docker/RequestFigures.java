package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.docker.EngineCall.Sort;
import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import dev.longshore.metrics.Timings;
import java.util.Locale;
import java.util.function.Function;

/** Requests by kind and outcome, and how long those take that do not follow anything. */
final class RequestFigures implements CallPolicy, Source {
  private final Tally requests =
      new Tally(
          Family.counter(
              "longshore_docker_requests_total",
              "requests",
              "Requests to Docker that have ended",
              "kind",
              "outcome"));
  private final Tally inFlight =
      new Tally(
          Family.gauge(
              "longshore_docker_in_flight_requests",
              "requests",
              "Requests that Docker has not answered yet",
              "kind"));
  private final Timings times =
      new Timings(
          Family.seconds(
              "longshore_docker_request_duration_seconds",
              "How long Docker takes, but for pulls, execs and other streams",
              "kind"));

  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    String kind = call.kind().word();
    String outcome = "internal";
    inFlight.add(kind);
    long start = System.nanoTime();
    try {
      T result = next.apply(deadline);
      outcome = "ok";
      return result;
    } catch (CriException e) {
      outcome = e.kind().name().toLowerCase(Locale.ROOT);
      throw e;
    } finally {
      inFlight.add(-1, kind);
      requests.add(kind, outcome);
      if (call.kind().sort() != Sort.STREAM) {
        times.took(System.nanoTime() - start, kind);
      }
    }
  }

  @Override
  public void writeTo(Exposition out) {
    requests.writeTo(out);
    inFlight.writeTo(out);
    times.writeTo(out);
  }
}
