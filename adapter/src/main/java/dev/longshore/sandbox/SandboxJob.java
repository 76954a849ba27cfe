package dev.longshore.sandbox;

import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.docker.KubeName;
import dev.longshore.spec.RequestHash;
import java.util.function.Consumer;

/** One RunPodSandbox at work, with a budget of its own. */
record SandboxJob(
    RunPodSandboxRequest request, KubeName name, String hash, Steps steps, Deadline deadline) {
  static SandboxJob of(RunPodSandboxRequest request, Deadline deadline) {
    KubeName name = SandboxNames.of(request);
    return new SandboxJob(request, name, RequestHash.of(request), Steps.of("run", name), deadline);
  }

  /** The same, each of whose steps is told before it begins. */
  SandboxJob toldTo(Consumer<String> listener) {
    return new SandboxJob(request, name, hash, steps.toldTo(listener), deadline);
  }

  boolean hostNetwork() {
    return SandboxSpecs.hostNetwork(request);
  }
}
