package dev.longshore.streaming;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import java.util.function.IntSupplier;

/** Clients of exec, attach and port-forward. Thread-safe. */
final class StreamFigures implements Source {
  private static final Family CLIENTS =
      Family.gauge(
          "longshore_stream_clients", "clients", "Connections of exec, attach and port-forward");

  private final IntSupplier clients;
  private final Tally sessions =
      new Tally(
          Family.counter(
              "longshore_stream_sessions_total",
              "sessions",
              "Clients that came with a valid URL",
              "kind"));

  /** {@code clients} counts them, on any thread. */
  StreamFigures(IntSupplier clients) {
    this.clients = clients;
  }

  void came(Target target) {
    sessions.add(target.route());
  }

  @Override
  public void writeTo(Exposition out) {
    out.single(CLIENTS, clients.getAsInt());
    sessions.writeTo(out);
  }
}
