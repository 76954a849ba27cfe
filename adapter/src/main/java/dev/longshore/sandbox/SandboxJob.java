package dev.longshore.sandbox;

import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.docker.KubeName;

/** One RunPodSandbox at work, with a budget of its own. */
record SandboxJob(
    RunPodSandboxRequest request, KubeName name, String hash, Steps steps, Deadline deadline) {
  static SandboxJob of(RunPodSandboxRequest request, Deadline deadline) {
    KubeName name = SandboxNames.of(request);
    return new SandboxJob(
        request, name, SandboxSpecs.hash(request), Steps.of("run", name), deadline);
  }

  boolean hostNetwork() {
    return SandboxSpecs.hostNetwork(request);
  }
}
