package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import java.time.Instant;
import java.util.Optional;

/** One run of a container, from start to exit: counters of different runs do not add up. */
record Run(ContainerId id, int pid, Instant startedAt) {
  /** The run that is under way; empty for a container that does not run. */
  static Optional<Run> of(EngineContainer container) {
    return switch (container.state()) {
      case EngineState.Running(int pid, Instant startedAt, boolean _) ->
          Optional.of(new Run(container.id(), pid, startedAt));
      case EngineState.Created _, EngineState.Exited _ -> Optional.empty();
    };
  }
}
