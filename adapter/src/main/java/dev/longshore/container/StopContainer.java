package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.StopContainerResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineState;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.Optional;

/**
 * StopContainer. An unknown container, and one that does not run, are stopped already. The stop
 * goes on when its caller leaves; a retry with the same grace joins it, one with a shorter grace
 * runs beside it and so cuts it short.
 */
public final class StopContainer {
  /** For Docker to kill and to notice, once the grace has passed. */
  private static final Duration MARGIN = Duration.ofMinutes(1);

  private static final Duration LONGEST_GRACE = Duration.ofDays(7);

  private final View view;
  private final DockerEngine engine;
  private final InFlight<Work, ContainerId> stopping = new InFlight<>("stop of container");

  public StopContainer(View view, DockerEngine engine) {
    this.view = view;
    this.engine = engine;
  }

  /**
   * Stops a container; a timeout of 0 kills it at once.
   *
   * @throws CriException TIMED_OUT when the deadline passes before the container has ended
   */
  public StopContainerResponse handle(StopContainerRequest request, Deadline deadline) {
    Optional<ContainerView> container = Lookup.find(view, request.getContainerId());
    if (container.isPresent() && isRunning(container.get())) {
      Duration grace = grace(request.getTimeout());
      ContainerView running = container.get();
      stopping.join(new Work(running.engine().id(), grace), deadline, () -> stop(running, grace));
    }
    return StopContainerResponse.getDefaultInstance();
  }

  private static boolean isRunning(ContainerView container) {
    return container.engine().state() instanceof EngineState.Running;
  }

  private static Duration grace(long seconds) {
    return Duration.ofSeconds(Math.clamp(seconds, 0, LONGEST_GRACE.toSeconds()));
  }

  private ContainerId stop(ContainerView container, Duration grace) {
    ContainerId id = container.engine().id();
    Deadline deadline = Deadline.in(grace.plus(MARGIN));
    try (Mutation change = view.mutate(container.engine().name())) {
      if (grace.isZero()) {
        unlessGone(() -> engine.kill(id, "SIGKILL", deadline));
      } else {
        unlessGone(() -> engine.stop(id, grace, deadline));
      }
      if (runs(change, id, deadline)) {
        // A kill may answer before the process has gone; a stop waits for it.
        unlessGone(() -> engine.stop(id, Duration.ZERO, deadline));
        if (runs(change, id, deadline)) {
          throw new CriException(
              Kind.INTERNAL,
              "container %s still runs, although Docker has stopped it"
                  .formatted(Lookup.title(container)));
        }
      }
      return id;
    }
  }

  private static boolean runs(Mutation change, ContainerId id, Deadline deadline) {
    return change
        .refresh(id, deadline)
        .filter(seen -> seen.state() instanceof EngineState.Running)
        .isPresent();
  }

  private static void unlessGone(Runnable call) {
    try {
      call.run();
    } catch (CriException e) {
      if (e.kind() != Kind.NOT_FOUND) {
        throw e;
      }
    }
  }

  /** What makes two requests the same. */
  private record Work(ContainerId id, Duration grace) {
    @Override
    public String toString() {
      return id + " within " + grace.toSeconds() + " s";
    }
  }
}
