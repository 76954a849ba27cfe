package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;

/** UpdateContainerResources, of a container that is created or runs. */
public final class UpdateContainerResources {
  private final View view;
  private final DockerEngine engine;

  public UpdateContainerResources(View view, DockerEngine engine) {
    this.view = view;
    this.engine = engine;
  }

  /**
   * Changes the limits that the request gives; 0 and "" leave one as it is.
   *
   * @throws CriException NOT_FOUND for an unknown container, NOT_READY for one that has ended
   */
  public UpdateContainerResourcesResponse handle(
      UpdateContainerResourcesRequest request, Deadline deadline) {
    ContainerView container =
        Lookup.require(view, request.getContainerId(), "change the limits of");
    Requests.require("linux", request.hasLinux());
    if (container.engine().state() instanceof EngineState.Exited) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot change the limits of container %s: it has ended"
              .formatted(Lookup.title(container)));
    }
    ResourceSpec changed =
        ResourceSpecs.forUpdate(request.getLinux(), container.engine().host().resources());
    if (!changed.equals(ResourceSpec.NONE)) {
      update(container, changed, deadline);
    }
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  private void update(ContainerView container, ResourceSpec changed, Deadline deadline) {
    ContainerId id = container.engine().id();
    try (Mutation change = view.mutate(container.engine().name())) {
      engine.update(id, changed, deadline);
      change.refresh(id, deadline);
    }
  }
}
