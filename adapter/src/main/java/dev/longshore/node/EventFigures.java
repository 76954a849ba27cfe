package dev.longshore.node;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.Tally;
import java.util.function.IntSupplier;

/** Container events told to subscribers. Thread-safe. */
final class EventFigures implements Source {
  private static final Family SUBSCRIBERS =
      Family.gauge(
          "longshore_event_subscribers", "subscribers", "Callers of GetContainerEvents now");

  private final Tally told =
      new Tally(
          Family.counter(
              "longshore_container_events_total", "events", "Container events told to callers"));
  private final Tally cut =
      new Tally(
          Family.counter(
              "longshore_event_cuts_total",
              "cuts",
              "Callers of GetContainerEvents cut off because they were too slow"));
  private final IntSupplier subscribers;

  EventFigures(IntSupplier subscribers) {
    this.subscribers = subscribers;
  }

  void told() {
    told.add();
  }

  void cut() {
    cut.add();
  }

  @Override
  public void writeTo(Exposition out) {
    out.single(SUBSCRIBERS, subscribers.getAsInt());
    told.writeTo(out);
    cut.writeTo(out);
  }
}
