package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.kernel.MemoryUsage;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.util.Map;
import java.util.Optional;

/** UpdateContainerResources, of a container that is created or runs. */
public final class UpdateContainerResources {
  private final View view;
  private final KernelSide kernel;
  private final DockerEngine engine;

  public UpdateContainerResources(View view, DockerEngine engine, KernelSide kernel) {
    this.view = view;
    this.kernel = kernel;
    this.engine = engine;
  }

  /**
   * Changes the limits that the request gives; 0 and "" leave one as it is, and a negative CPU
   * quota or memory limit lifts it.
   *
   * @throws CriException NOT_FOUND for an unknown container, NOT_READY for one that has ended, or
   *     that uses more memory than it is to have
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
    Map<String, String> limits = KernelLimits.from(request.getLinux(), changed, cgroupVersion());
    checkMemory(container, changed);
    checkStarted(container, limits);
    update(container, changed, limits, deadline);
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  private int cgroupVersion() {
    return view.health().engine().map(EngineInfo::cgroupVersion).orElse(2);
  }

  /**
   * With cgroup v2 the kernel kills in a cgroup whose new limit is below its use; with v1 it
   * refuses. What it can take back at once does not count.
   */
  private void checkMemory(ContainerView container, ResourceSpec changed) {
    Optional<MemoryUsage> used = kernel.memory(container);
    if (used.isEmpty() || changed.memoryBytes().isEmpty()) {
      return;
    }
    long inUse = used.get().usageBytes() - used.get().inactiveFileBytes();
    long limit = changed.memoryBytes().getAsLong();
    if (limit < inUse) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot lower the memory limit of container %s to %d bytes: it uses %d bytes"
              .formatted(Lookup.title(container), limit, inUse));
    }
  }

  private void checkStarted(ContainerView container, Map<String, String> limits) {
    boolean same = kernel.limits(container).entrySet().containsAll(limits.entrySet());
    if (!same && !(container.engine().state() instanceof EngineState.Running)) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot change limits of container %s that are not Docker's (%s): it has not started"
              .formatted(Lookup.title(container), String.join(", ", limits.keySet())));
    }
  }

  private void update(
      ContainerView container,
      ResourceSpec changed,
      Map<String, String> limits,
      Deadline deadline) {
    ContainerId id = container.engine().id();
    if (!limits.isEmpty() && container.engine().state() instanceof EngineState.Running) {
      kernel.change(container, limits);
    }
    if (!changed.equals(ResourceSpec.NONE)) {
      try (Mutation change = view.mutate(container.engine().name())) {
        updateDocker(container, changed, deadline);
        change.refresh(id, deadline);
      }
    }
  }

  private void updateDocker(ContainerView container, ResourceSpec changed, Deadline deadline) {
    try {
      engine.update(container.engine().id(), changed, deadline);
    } catch (CriException e) {
      String use =
          changed.memoryBytes().isPresent()
              ? kernel
                  .memory(container)
                  .map(used -> "; it uses %d bytes of memory".formatted(used.usageBytes()))
                  .orElse("")
              : "";
      throw new CriException(
          e.kind(),
          "cannot change the limits of container %s: %s%s"
              .formatted(Lookup.title(container), e.getMessage(), use),
          e);
    }
  }
}
