package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RemovePodSandboxResponse;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.Optional;

/**
 * Removes a pod and all of its containers, running or not, stopped before or not. An unknown
 * sandbox is no failure. Thread-safe.
 */
public final class RemovePodSandbox {
  private static final Duration BUDGET = Duration.ofMinutes(4);

  private final InFlight<String, Boolean> removing = new InFlight<>("removal of pod sandbox");
  private final View view;
  private final SandboxRecords records;
  private final SandboxWork work;
  private final SandboxTeardown teardown;

  public RemovePodSandbox(
      View view, SandboxRecords records, SandboxWork work, SandboxTeardown teardown) {
    this.view = view;
    this.records = records;
    this.work = work;
    this.teardown = teardown;
  }

  public RemovePodSandboxResponse handle(RemovePodSandboxRequest request, Deadline deadline) {
    find(SandboxNames.required(request.getPodSandboxId()))
        .ifPresent(
            sandbox -> {
              String id = sandbox.id().value();
              boolean _ = removing.join(id, deadline, () -> remove(sandbox, Deadline.in(BUDGET)));
            });
    return RemovePodSandboxResponse.getDefaultInstance();
  }

  private boolean remove(FoundSandbox asked, Deadline deadline) {
    Steps steps = Steps.of("remove", asked.name());
    try (var _ = steps.get("wait", () -> work.lock(asked.dockerName(), deadline))) {
      find(asked.id().value()).ifPresent(now -> remove(steps, now, deadline));
    }
    return true;
  }

  private void remove(Steps steps, FoundSandbox sandbox, Deadline deadline) {
    steps.run("remove containers", () -> teardown.removeContainers(sandbox.id(), deadline));
    steps.run("release network", () -> teardown.releaseNetwork(sandbox, deadline));
    // One that was being created meanwhile.
    steps.run("remove containers", () -> teardown.removeContainers(sandbox.id(), deadline));
    steps.run("remove container and record", () -> teardown.remove(sandbox, deadline));
  }

  private Optional<FoundSandbox> find(String id) {
    return FoundSandbox.find(id, view.snapshot(), records);
  }
}
