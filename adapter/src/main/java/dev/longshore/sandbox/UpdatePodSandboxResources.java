package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.longshore.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.longshore.view.View;

/**
 * Hears of new limits of a pod as a whole. There is nothing to do: the kubelet writes the pod's
 * cgroup itself right after, and the sandbox's own process needs none of it. Thread-safe.
 */
public final class UpdatePodSandboxResources {
  private final View view;

  public UpdatePodSandboxResources(View view) {
    this.view = view;
  }

  /** NOT_FOUND for an unknown sandbox. */
  public UpdatePodSandboxResourcesResponse handle(
      UpdatePodSandboxResourcesRequest request, Deadline deadline) {
    String id = SandboxNames.required(request.getPodSandboxId());
    if (view.snapshot().sandbox(id).isEmpty()) {
      throw new CriException(Kind.NOT_FOUND, "no pod sandbox " + id);
    }
    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
  }
}
