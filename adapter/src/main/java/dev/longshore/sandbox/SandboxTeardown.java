package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.time.Duration;

/**
 * The parts of taking a sandbox down. Each is idempotent and leaves things so that it can be tried
 * again; the caller holds the sandbox's lock. Thread-safe.
 */
public final class SandboxTeardown {
  private final DockerEngine engine;
  private final View view;
  private final SandboxNetworks networks;
  private final SandboxRecords records;

  public SandboxTeardown(
      DockerEngine engine, View view, SandboxNetworks networks, SandboxRecords records) {
    this.engine = engine;
    this.view = view;
    this.networks = networks;
    this.records = records;
  }

  /** Ends at once whatever workload runs in the sandbox. */
  void killContainers(ContainerId sandbox, Deadline deadline) {
    Parallel.forEach(
        view.snapshot().containersOf(sandbox).stream()
            .map(c -> c.engine())
            .filter(c -> c.state() instanceof EngineState.Running)
            .toList(),
        container -> kill(container, deadline));
  }

  /** Removes the sandbox's workload containers, running or not. */
  void removeContainers(ContainerId sandbox, Deadline deadline) {
    Parallel.forEach(view.snapshot().containersOf(sandbox), c -> remove(c.engine(), deadline));
  }

  /** See {@link SandboxNetworks#release}. */
  void releaseNetwork(FoundSandbox sandbox, Deadline deadline) {
    networks.release(sandbox, deadline);
  }

  /** Ends the process that holds the namespaces; it has nothing to save. */
  void stop(FoundSandbox sandbox, Deadline deadline) {
    if (sandbox.isRunning()) {
      sandbox.container().ifPresent(container -> kill(container, deadline));
    }
  }

  /** Removes the sandbox's container, and then what is known of it. */
  void remove(FoundSandbox sandbox, Deadline deadline) {
    sandbox.container().ifPresent(container -> remove(container, deadline));
    records.remove(sandbox.id());
  }

  /** Takes down all of it. */
  void discard(FoundSandbox sandbox, Deadline deadline) {
    removeContainers(sandbox.id(), deadline);
    releaseNetwork(sandbox, deadline);
    remove(sandbox, deadline);
  }

  private void kill(EngineContainer container, Deadline deadline) {
    try (Mutation mutation = view.mutate(container.name())) {
      engine.stop(container.id(), Duration.ZERO, deadline);
      mutation.refresh(container.id(), deadline);
    } catch (CriException e) {
      if (e.kind() != Kind.NOT_FOUND) {
        throw e;
      }
    }
  }

  private void remove(EngineContainer container, Deadline deadline) {
    try (Mutation mutation = view.mutate(container.name())) {
      engine.remove(container.id(), deadline);
      mutation.refresh(container.id(), deadline);
    }
  }
}
