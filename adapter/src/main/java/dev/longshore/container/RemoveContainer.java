package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.cri.v1.RemoveContainerResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.Optional;

/**
 * RemoveContainer: by force, a running container is killed. An unknown one is removed already. Its
 * log stays: that is the kubelet's to remove.
 */
public final class RemoveContainer {
  private static final Duration BUDGET = Duration.ofMinutes(2);

  private final View view;
  private final DockerEngine engine;
  private final InFlight<ContainerId, ContainerId> removing =
      new InFlight<>("removal of container");

  public RemoveContainer(View view, DockerEngine engine) {
    this.view = view;
    this.engine = engine;
  }

  /** Removes a container and its anonymous volumes. */
  public RemoveContainerResponse handle(RemoveContainerRequest request, Deadline deadline) {
    Optional<ContainerView> container = Lookup.find(view, request.getContainerId());
    container.ifPresent(
        known ->
            removing.join(known.engine().id(), deadline, () -> remove(known, Deadline.in(BUDGET))));
    return RemoveContainerResponse.getDefaultInstance();
  }

  private ContainerId remove(ContainerView container, Deadline deadline) {
    ContainerId id = container.engine().id();
    try (Mutation change = view.mutate(container.engine().name())) {
      engine.remove(id, deadline);
      change.refresh(id, deadline);
      return id;
    }
  }
}
