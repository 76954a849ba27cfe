package dev.longshore.node;

import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.ContainerEventType;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EventStepsTest {
  private static final Instant FIRST = Instant.parse("2026-11-24T06:00:00Z");
  private static final EngineState RUNNING = new Running(7, FIRST, false);
  private static final EngineState PAUSED = new Running(7, FIRST, true);
  private static final EngineState AGAIN = new Running(8, FIRST.plusSeconds(9), false);
  private static final EngineState EXITED = exited(Optional.of(FIRST), 0);
  private static final EngineState NEVER_RAN = exited(Optional.empty(), 128);

  private static final ContainerEventType C = CONTAINER_CREATED_EVENT;
  private static final ContainerEventType R = CONTAINER_STARTED_EVENT;
  private static final ContainerEventType E = CONTAINER_STOPPED_EVENT;

  @ParameterizedTest
  @MethodSource
  void everyStepIsAnEvent(
      Optional<EngineState> before, EngineState after, List<ContainerEventType> events) {
    assertThat(EventSteps.between(before, after)).isEqualTo(events);
  }

  static Stream<Arguments> everyStepIsAnEvent() {
    return Stream.of(
        step(Optional.empty(), new Created(), C),
        step(Optional.empty(), RUNNING, C, R),
        step(Optional.empty(), EXITED, C, R, E),
        step(Optional.empty(), NEVER_RAN, C, E),
        step(Optional.of(new Created()), new Created()),
        step(Optional.of(new Created()), RUNNING, R),
        step(Optional.of(new Created()), EXITED, R, E),
        step(Optional.of(new Created()), NEVER_RAN, E),
        step(Optional.of(RUNNING), PAUSED),
        step(Optional.of(RUNNING), EXITED, E),
        step(Optional.of(RUNNING), AGAIN, E, R),
        step(Optional.of(RUNNING), exited(Optional.of(FIRST.plusSeconds(9)), 0), E, R, E),
        step(Optional.of(EXITED), AGAIN, R),
        step(Optional.of(EXITED), exited(Optional.of(FIRST), 137)),
        step(Optional.of(NEVER_RAN), RUNNING, R));
  }

  @Test
  void whatRanIsStoppedBeforeItIsDeleted() {
    assertThat(EventSteps.toTheEnd(RUNNING))
        .containsExactly(CONTAINER_STOPPED_EVENT, CONTAINER_DELETED_EVENT);
    assertThat(EventSteps.toTheEnd(EXITED)).containsExactly(CONTAINER_DELETED_EVENT);
  }

  private static Arguments step(
      Optional<EngineState> before, EngineState after, ContainerEventType... events) {
    return Arguments.of(before, after, List.of(events));
  }

  private static EngineState exited(Optional<Instant> started, int code) {
    return new Exited(started, FIRST.plusSeconds(99), code, false, "");
  }
}
