package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.cri.v1.StartContainerResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.Optional;

/**
 * StartContainer: two Docker requests, start and inspect, and before it answers the limits that
 * only the kernel knows. A container starts once; one that runs already is a success, since that is
 * what a repeated call finds.
 */
public final class StartContainer {
  private static final Duration BUDGET = Duration.ofMinutes(2);
  private static final Duration REFRESH = Duration.ofSeconds(10);

  private final View view;
  private final DockerEngine engine;
  private final OomScoreAdjustment oom;
  private final KernelSide kernel;
  private final ImageVolumes volumes;
  private final InFlight<ContainerId, ContainerId> starting = new InFlight<>("start of container");

  public StartContainer(
      View view,
      DockerEngine engine,
      OomScoreAdjustment oom,
      KernelSide kernel,
      ImageVolumes volumes) {
    this.view = view;
    this.engine = engine;
    this.oom = oom;
    this.kernel = kernel;
    this.volumes = volumes;
  }

  /**
   * Starts a created container. When Docker cannot start it, its words are in the error and the
   * container is listed as exited.
   *
   * @throws CriException NOT_FOUND for an unknown container, NOT_READY for one that has ended
   */
  public StartContainerResponse handle(StartContainerRequest request, Deadline deadline) {
    ContainerView container = Lookup.require(view, request.getContainerId(), "start");
    switch (container.engine().state()) {
      case EngineState.Created() ->
          starting.join(
              container.engine().id(), deadline, () -> start(container, Deadline.in(BUDGET)));
      case EngineState.Running _ -> {}
      case EngineState.Exited exited ->
          throw new CriException(
              Kind.NOT_READY,
              "cannot start container %s: it has ended with exit code %d; create a new one"
                  .formatted(Lookup.title(container), exited.exitCode()));
    }
    return StartContainerResponse.getDefaultInstance();
  }

  private ContainerId start(ContainerView container, Deadline deadline) {
    ContainerId id = container.engine().id();
    if (runs(id)) {
      // Asked for while the start before this one was about to end.
      return id;
    }
    volumes.beforeStart(container, deadline);
    try (Mutation change = view.mutate(container.engine().name())) {
      try {
        engine.start(id, deadline);
      } catch (CriException e) {
        refreshIfPossible(change, id, e);
        throw explained(container, e);
      }
      change.refresh(id, deadline);
      check(id, change);
      return id;
    }
  }

  private boolean runs(ContainerId id) {
    return view.snapshot()
        .container(id.value())
        .filter(now -> now.engine().state() instanceof EngineState.Running)
        .isPresent();
  }

  /** A container ends at once that would run without its limits, or without an image volume. */
  private void check(ContainerId id, Mutation change) {
    Optional<ContainerView> started = view.snapshot().container(id.value());
    if (started.isEmpty()) {
      return;
    }
    try {
      kernel.started(started.get());
      volumes.started(started.get());
    } catch (CriException e) {
      engine.kill(id, "SIGKILL", Deadline.in(REFRESH));
      refreshIfPossible(change, id, e);
      throw new CriException(
          e.kind(),
          "%s; container %s was killed at its start"
              .formatted(e.getMessage(), Lookup.title(started.get())),
          e);
    }
  }

  private static void refreshIfPossible(Mutation change, ContainerId id, CriException failure) {
    try {
      change.refresh(id, Deadline.in(REFRESH));
    } catch (CriException e) {
      failure.addSuppressed(e);
    }
  }

  private CriException explained(ContainerView container, CriException failure) {
    CriException named = volumes.explained(container.metadata().imageVolumes(), failure);
    if (named.kind() == Kind.NAMED) {
      return named;
    }
    boolean spared = container.engine().host().resources().oomScoreAdj().orElse(0) < 0;
    String hint =
        spared && oom.learn(failure)
            ? "; negative oom_score_adj values are refused here, the next attempt goes without"
            : "";
    return new CriException(
        failure.kind(),
        "cannot start container %s: %s%s"
            .formatted(Lookup.title(container), failure.getMessage(), hint),
        failure);
  }
}
