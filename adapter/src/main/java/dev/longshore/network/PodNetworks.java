package dev.longshore.network;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Gives pods their networks and takes them back. Thread-safe; calls for different sandboxes never
 * wait for each other. Failures are {@link dev.longshore.common.CriException}s that name the
 * plugin, the verb and the plugin's own words.
 */
public interface PodNetworks {
  /** Of a pod's first network, as with every runtime. */
  String INTERFACE = "eth0";

  /** Whether pods can get a network now; never waits. */
  NetworkStatus status();

  /**
   * What ADD would use now.
   *
   * @throws dev.longshore.common.CriException NOT_READY with the reason when there is no usable
   *     configuration
   */
  NetworkPlan plan(PodNetworkRequest request);

  /**
   * Runs ADD for the loopback and for the plan's chain. On failure what was added is deleted again
   * by the caller, with {@link #detach}.
   */
  PodAddresses attach(NetworkPlan plan, Path netns, Deadline deadline);

  /**
   * Runs DEL, with the configuration that ADD used: libcni's cache first, then {@code plan}, then
   * the configuration in force. Idempotent; a sandbox that never had a network is no failure.
   *
   * @param netns empty when the namespace is gone
   */
  void detach(
      ContainerId sandboxId, Optional<NetworkPlan> plan, Optional<Path> netns, Deadline deadline);

  /** Runs CHECK; INTERNAL with the plugin's words when the network is not as ADD left it. */
  void check(ContainerId sandboxId, Path netns, Deadline deadline);

  /** The addresses in libcni's cache, whoever wrote it; reads files. */
  Optional<PodAddresses> cached(ContainerId sandboxId);

  /** Sets the node's pod CIDR, for plugins with the ipRanges capability; blank is ignored. */
  void podCidr(String cidr);
}
