package dev.longshore.network;

import dev.longshore.common.ContainerId;
import java.util.List;
import java.util.OptionalLong;

/**
 * The network a pod asks for.
 *
 * @param ingressBitsPerSecond limit of traffic to the pod
 * @param egressBitsPerSecond limit of traffic from the pod
 */
public record PodNetworkRequest(
    ContainerId sandboxId,
    String namespace,
    String podName,
    String podUid,
    List<HostPort> hostPorts,
    OptionalLong ingressBitsPerSecond,
    OptionalLong egressBitsPerSecond,
    List<String> dnsServers,
    List<String> dnsSearches,
    List<String> dnsOptions) {
  public PodNetworkRequest {
    hostPorts = List.copyOf(hostPorts);
    dnsServers = List.copyOf(dnsServers);
    dnsSearches = List.copyOf(dnsSearches);
    dnsOptions = List.copyOf(dnsOptions);
  }

  /**
   * A host port led to the pod; {@code protocol} is tcp, udp or sctp; {@code hostIp} may be empty.
   */
  public record HostPort(int hostPort, int containerPort, String protocol, String hostIp) {}
}
