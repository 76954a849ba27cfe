package dev.longshore.docker;

import java.time.Instant;
import java.util.Optional;

/** Where a container stands in its life. */
public sealed interface EngineState {
  /** Made and never started. */
  record Created() implements EngineState {}

  /**
   * Has a process; a paused one too.
   *
   * @param pid of its first process, as the host counts
   */
  record Running(int pid, Instant startedAt, boolean paused) implements EngineState {}

  /**
   * Has ended, could not be started, is being removed, or is beyond repair ({@code dead}).
   *
   * @param startedAt empty when the start itself failed
   * @param error the runtime's own words, often empty
   */
  record Exited(
      Optional<Instant> startedAt,
      Instant finishedAt,
      int exitCode,
      boolean oomKilled,
      String error)
      implements EngineState {}
}
