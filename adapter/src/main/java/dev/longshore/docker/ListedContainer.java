package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import java.util.Set;

/**
 * A container as a list has it ({@code GET /containers/json}), in few words.
 *
 * @param name without the leading slash; empty for none
 * @param state Docker's word: {@code created}, {@code running}, {@code paused}, {@code restarting},
 *     {@code removing}, {@code exited} or {@code dead}
 */
public record ListedContainer(ContainerId id, String name, String state) {
  private static final Set<String> ALIVE = Set.of("running", "paused", "restarting");

  /** Whether an inspection that said this may still be true. */
  public boolean agreesWith(EngineContainer inspected) {
    return name.equals(inspected.name())
        && switch (inspected.state()) {
          case Created() -> state.equals("created");
          case Running running -> state.equals(running.paused() ? "paused" : "running");
          case Exited _ -> !ALIVE.contains(state);
        };
  }
}
