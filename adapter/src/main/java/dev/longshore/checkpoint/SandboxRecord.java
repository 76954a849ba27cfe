package dev.longshore.checkpoint;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.KubeName;
import dev.longshore.network.NetworkPlan;
import java.util.List;
import java.util.Optional;

/**
 * What Longshore knows of a sandbox beyond Docker.
 *
 * @param plan what the network's ADD used; empty for host-network and adopted sandboxes
 * @param addresses of the pod, primary first; empty for host-network sandboxes
 */
public record SandboxRecord(
    ContainerId id,
    KubeName name,
    boolean hostNetwork,
    Phase phase,
    Optional<NetworkPlan> plan,
    List<String> addresses) {
  public SandboxRecord {
    addresses = List.copyOf(addresses);
  }

  /** The same sandbox, further on. */
  public SandboxRecord with(Phase changed, List<String> newAddresses) {
    return new SandboxRecord(id, name, hostNetwork, changed, plan, newAddresses);
  }

  /** The same sandbox in another phase. */
  public SandboxRecord with(Phase changed) {
    return with(changed, addresses);
  }

  /** How far the sandbox came. */
  public enum Phase {
    /** RunPodSandbox has not finished, or was interrupted. */
    CREATING,
    /** Complete; a network, if it has one, is attached. */
    READY,
    /** A release of the network has begun and failed; it is to be tried again. */
    RELEASING,
    /** The network was released; the sandbox may still have to be removed. */
    RELEASED
  }
}
