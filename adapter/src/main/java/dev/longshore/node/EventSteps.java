package dev.longshore.node;

import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;

import dev.longshore.cri.v1.ContainerEventType;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What must have happened between two states of a container: an inspect may come after several
 * changes, and each of them is an event.
 */
final class EventSteps {
  private EventSteps() {}

  /** The events from one state to the next; empty when only details changed. */
  static List<ContainerEventType> between(Optional<EngineState> before, EngineState after) {
    List<ContainerEventType> events = new ArrayList<>();
    if (before.isEmpty()) {
      events.add(CONTAINER_CREATED_EVENT);
    }
    boolean ran = before.filter(Running.class::isInstance).isPresent();
    boolean sameRun = before.map(EventSteps::run).equals(Optional.of(run(after)));
    if (ran && !sameRun) {
      events.add(CONTAINER_STOPPED_EVENT);
    }
    switch (after) {
      case Created() -> {}
      case Running _ -> {
        if (!sameRun) {
          events.add(CONTAINER_STARTED_EVENT);
        }
      }
      case Exited _ -> {
        if (!sameRun && run(after).isPresent()) {
          events.add(CONTAINER_STARTED_EVENT);
        }
        if (!sameEnd(before, after, sameRun)) {
          events.add(CONTAINER_STOPPED_EVENT);
        }
      }
    }
    return events;
  }

  /** The events from a state to removal. */
  static List<ContainerEventType> toTheEnd(EngineState before) {
    return before instanceof Running
        ? List.of(CONTAINER_STOPPED_EVENT, CONTAINER_DELETED_EVENT)
        : List.of(CONTAINER_DELETED_EVENT);
  }

  private static boolean sameEnd(Optional<EngineState> before, EngineState after, boolean sameRun) {
    return sameRun
        && before.filter(Exited.class::isInstance).isPresent()
        && after instanceof Exited;
  }

  /** Which run a state belongs to, by its start; empty for none. */
  private static Optional<Instant> run(EngineState state) {
    return switch (state) {
      case Created() -> Optional.empty();
      case Running running -> Optional.of(running.startedAt());
      case Exited exited -> exited.startedAt();
    };
  }
}
