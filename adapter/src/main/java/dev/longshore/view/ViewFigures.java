package dev.longshore.view;

import dev.longshore.common.CriException;
import dev.longshore.docker.EngineState;
import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How Longshore stands with Docker and how much it knows, as metrics. Thread-safe. */
public final class ViewFigures implements Source {
  private static final double MILLIS = 1000;
  private static final Family READY =
      Family.gauge(
          "longshore_docker_ready", "", "1 while Docker answers and all its containers are known");
  private static final Family LAG =
      Family.gauge(
          "longshore_docker_event_lag_seconds",
          "seconds",
          "How long Docker's last event was under way");
  private static final Family LAST_EVENT =
      Family.gauge(
          "longshore_docker_last_event_timestamp_seconds",
          "seconds",
          "When Docker last spoke on the event stream, since the epoch");
  private static final Family SANDBOXES =
      Family.gauge("longshore_view_sandboxes", "sandboxes", "Sandboxes known", "state");
  private static final Family CONTAINERS =
      Family.gauge("longshore_view_containers", "containers", "Containers known", "state");

  private final View view;

  public ViewFigures(View view) {
    this.view = view;
  }

  @Override
  public void writeTo(Exposition out) {
    EngineHealth health = view.health();
    out.single(READY, health.ready() ? 1 : 0);
    out.family(LAG);
    health.eventLag().ifPresent(lag -> out.sample(LAG, List.of(), lag.toMillis() / MILLIS));
    out.family(LAST_EVENT);
    health
        .lastEvent()
        .ifPresent(last -> out.sample(LAST_EVENT, List.of(), last.toEpochMilli() / MILLIS));
    Snapshot known = known();
    states(out, SANDBOXES, known.sandboxes());
    states(out, CONTAINERS, known.containers());
  }

  /** Nothing while Docker is away. */
  private Snapshot known() {
    try {
      return view.snapshot();
    } catch (CriException e) {
      return Snapshot.EMPTY;
    }
  }

  private static void states(Exposition out, Family family, Collection<? extends Entry> entries) {
    out.family(family);
    entries.stream()
        .collect(
            Collectors.groupingBy(
                entry -> word(entry.engine().state()), TreeMap::new, Collectors.counting()))
        .forEach((state, count) -> out.sample(family, List.of(state), count));
  }

  private static String word(EngineState state) {
    return switch (state) {
      case EngineState.Created() -> "created";
      case EngineState.Running _ -> "running";
      case EngineState.Exited _ -> "exited";
    };
  }
}
