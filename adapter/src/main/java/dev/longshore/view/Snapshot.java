package dev.longshore.view;

import dev.longshore.common.ContainerId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** All pods and containers at one moment. Immutable; every look-up is a map look-up. */
public final class Snapshot {
  /** All sandboxes, newest first. */
  public Collection<SandboxView> sandboxes() {
    throw new UnsupportedOperationException();
  }

  /** All workload containers, newest first. */
  public Collection<ContainerView> containers() {
    throw new UnsupportedOperationException();
  }

  /**
   * The sandbox with that id, or with the only id that starts so.
   *
   * @throws dev.longshore.common.CriException INVALID when several ids start so
   */
  public Optional<SandboxView> sandbox(String idOrPrefix) {
    throw new UnsupportedOperationException();
  }

  /**
   * The container with that id, or with the only id that starts so.
   *
   * @throws dev.longshore.common.CriException INVALID when several ids start so
   */
  public Optional<ContainerView> container(String idOrPrefix) {
    throw new UnsupportedOperationException();
  }

  /** The sandbox of that Docker name. */
  public Optional<SandboxView> sandboxNamed(String dockerName) {
    throw new UnsupportedOperationException();
  }

  /** The container of that Docker name. */
  public Optional<ContainerView> containerNamed(String dockerName) {
    throw new UnsupportedOperationException();
  }

  /** The workload containers of a sandbox, oldest first. */
  public List<ContainerView> containersOf(ContainerId sandbox) {
    throw new UnsupportedOperationException();
  }
}
