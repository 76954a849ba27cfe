package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeName;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A sandbox of which something is left.
 *
 * @param container empty when only its record is left
 */
record FoundSandbox(
    ContainerId id,
    KubeName name,
    Optional<EngineContainer> container,
    Optional<SandboxRecord> record) {

  /** The sandbox with that id, or with the only id in Docker that starts so. */
  static Optional<FoundSandbox> find(String idOrPrefix, Snapshot snapshot, SandboxRecords records) {
    Optional<FoundSandbox> seen = snapshot.sandbox(idOrPrefix).map(s -> of(s, records));
    if (seen.isPresent() || !ContainerId.isWellFormed(idOrPrefix)) {
      return seen;
    }
    return records.find(new ContainerId(idOrPrefix)).map(FoundSandbox::of);
  }

  static FoundSandbox of(SandboxView seen, SandboxRecords records) {
    return of(seen.engine(), seen.name(), records);
  }

  static FoundSandbox of(EngineContainer container, KubeName name, SandboxRecords records) {
    return new FoundSandbox(
        container.id(), name, Optional.of(container), records.find(container.id()));
  }

  static FoundSandbox of(SandboxRecord left) {
    return new FoundSandbox(left.id(), left.name(), Optional.empty(), Optional.of(left));
  }

  /** Its name in Docker; after a conflict cri-dockerd's have another ending. */
  String dockerName() {
    return container.map(EngineContainer::name).orElseGet(name::toDockerName);
  }

  boolean isRunning() {
    return container.map(EngineContainer::state).orElse(new EngineState.Created())
        instanceof EngineState.Running;
  }

  /** Its network namespace, while a process holds it. */
  Optional<Path> netns() {
    return container.map(EngineContainer::state).flatMap(FoundSandbox::netns);
  }

  static Optional<Path> netns(EngineState state) {
    return state instanceof EngineState.Running running
        ? Optional.of(Path.of("/proc", Integer.toString(running.pid()), "ns", "net"))
        : Optional.empty();
  }

  /** Whether plugins made its network: the node's own and Docker's networks are not theirs. */
  boolean hasPodNetwork() {
    return container
        .map(c -> c.host().networkMode().equals("none"))
        .orElseGet(() -> record.filter(SandboxRecord::hostNetwork).isEmpty());
  }
}
