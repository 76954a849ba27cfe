package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.cri.v1.StopPodSandboxResponse;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.Optional;

/**
 * Ends a pod: kills its containers, takes its network back, ends the process that held it. Can be
 * repeated, after a reboot too; an unknown sandbox is no failure. When the network cannot be
 * released the answer is an error, so that the kubelet tries again, but the containers are dead by
 * then. Thread-safe.
 */
public final class StopPodSandbox {
  // The kubelet waits two minutes; a plugin that needs longer is not cut short by that.
  private static final Duration BUDGET = Duration.ofMinutes(4);

  private final InFlight<String, Boolean> stopping = new InFlight<>("stop of pod sandbox");
  private final View view;
  private final SandboxRecords records;
  private final SandboxWork work;
  private final SandboxTeardown teardown;

  public StopPodSandbox(
      View view, SandboxRecords records, SandboxWork work, SandboxTeardown teardown) {
    this.view = view;
    this.records = records;
    this.work = work;
    this.teardown = teardown;
  }

  public StopPodSandboxResponse handle(StopPodSandboxRequest request, Deadline deadline) {
    find(SandboxNames.required(request.getPodSandboxId()))
        .ifPresent(
            sandbox -> {
              String id = sandbox.id().value();
              boolean _ = stopping.join(id, deadline, () -> stop(sandbox, Deadline.in(BUDGET)));
            });
    return StopPodSandboxResponse.getDefaultInstance();
  }

  private boolean stop(FoundSandbox asked, Deadline deadline) {
    Steps steps = Steps.of("stop", asked.name());
    try (var _ = steps.get("wait", () -> work.lock(asked.dockerName(), deadline))) {
      find(asked.id().value()).ifPresent(now -> stop(steps, now, deadline));
    }
    return true;
  }

  private void stop(Steps steps, FoundSandbox sandbox, Deadline deadline) {
    steps.run("kill containers", () -> teardown.killContainers(sandbox.id(), deadline));
    steps.run("release network", () -> teardown.releaseNetwork(sandbox, deadline));
    steps.run("stop container", () -> teardown.stop(sandbox, deadline));
    // One that was being started meanwhile; from here on none can join the namespaces.
    steps.run("kill containers", () -> teardown.killContainers(sandbox.id(), deadline));
    if (sandbox.container().isEmpty()) {
      steps.run("remove record", () -> teardown.remove(sandbox, deadline));
    }
  }

  private Optional<FoundSandbox> find(String id) {
    return FoundSandbox.find(id, view.snapshot(), records);
  }
}
