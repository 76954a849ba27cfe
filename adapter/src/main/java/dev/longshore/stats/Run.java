package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.view.ContainerView;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One run of a container, from start to exit: counters of different runs do not add up.
 *
 * @param pod whether the cgroup above the container's own is meant, which is that of its pod
 * @param network whether the network that its process is in is counted
 */
record Run(ContainerId id, int pid, Instant startedAt, boolean pod, boolean network) {
  private static final String HOST = "host";

  /** The run that is under way; empty for a container that does not run. */
  static Optional<Run> of(ContainerView container) {
    return of(container.engine(), false, false);
  }

  /**
   * The run of a pod's sandbox that is under way. The cgroup above it is the pod's only if the pod
   * was to have one: otherwise all of Docker's containers share it. A pod in the node's network has
   * no traffic of its own.
   */
  static Optional<Run> of(SandboxView sandbox) {
    boolean ownNetwork = !sandbox.engine().host().networkMode().equals(HOST);
    return of(sandbox.engine(), hasPodCgroup(sandbox), ownNetwork);
  }

  /** The run of a container or sandbox that is under way. */
  static Optional<Run> of(Snapshot snapshot, ContainerId id) {
    return snapshot
        .container(id.value())
        .flatMap(Run::of)
        .or(() -> snapshot.sandbox(id.value()).flatMap(Run::of));
  }

  /** Whether the cgroup above the sandbox's own is the pod's. */
  static boolean hasPodCgroup(SandboxView sandbox) {
    String parent = sandbox.engine().host().cgroupParent();
    return !parent.isEmpty() && !parent.equals("/");
  }

  /** All that are under way. */
  static Set<Run> all(Snapshot snapshot) {
    return Stream.concat(
            snapshot.containers().stream().flatMap(container -> of(container).stream()),
            snapshot.sandboxes().stream().flatMap(sandbox -> of(sandbox).stream()))
        .collect(Collectors.toSet());
  }

  private static Optional<Run> of(EngineContainer container, boolean pod, boolean network) {
    return switch (container.state()) {
      case EngineState.Running(int pid, Instant startedAt, boolean _) ->
          Optional.of(new Run(container.id(), pid, startedAt, pod, network));
      case EngineState.Created _, EngineState.Exited _ -> Optional.empty();
    };
  }
}
