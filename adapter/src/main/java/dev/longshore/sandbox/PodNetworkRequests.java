package dev.longshore.sandbox;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PortMapping;
import dev.longshore.docker.KubeName;
import dev.longshore.network.PodNetworkRequest;
import dev.longshore.network.PodNetworkRequest.HostPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The network that a sandbox's configuration asks for. Pure. */
final class PodNetworkRequests {
  static final String INGRESS = "kubernetes.io/ingress-bandwidth";
  static final String EGRESS = "kubernetes.io/egress-bandwidth";

  private static final int MAX_PORT = 65_535;

  private PodNetworkRequests() {}

  static PodNetworkRequest from(ContainerId id, KubeName name, PodSandboxConfig config) {
    return new PodNetworkRequest(
        id,
        name.namespace(),
        name.pod(),
        name.uid(),
        hostPorts(config.getPortMappingsList()),
        bandwidth(INGRESS, config.getAnnotationsMap()),
        bandwidth(EGRESS, config.getAnnotationsMap()),
        config.getDnsConfig().getServersList(),
        config.getDnsConfig().getSearchesList(),
        config.getDnsConfig().getOptionsList());
  }

  /** Throws what {@link #from} would throw, before there is a sandbox. */
  static void check(PodSandboxConfig config) {
    hostPorts(config.getPortMappingsList());
    bandwidth(INGRESS, config.getAnnotationsMap());
    bandwidth(EGRESS, config.getAnnotationsMap());
  }

  /** The kubelet lists every port of the pod; host port 0 means that it is not led through. */
  private static List<HostPort> hostPorts(List<PortMapping> mappings) {
    return mappings.stream()
        .filter(mapping -> mapping.getHostPort() != 0)
        .map(
            mapping ->
                new HostPort(
                    port("host_port", mapping.getHostPort()),
                    port("container_port", mapping.getContainerPort()),
                    protocol(mapping),
                    mapping.getHostIp()))
        .toList();
  }

  private static int port(String field, int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new CriException(
          Kind.INVALID,
          "config.port_mappings.%s is %d; ports go from 1 to %d".formatted(field, port, MAX_PORT));
    }
    return port;
  }

  private static String protocol(PortMapping mapping) {
    return switch (mapping.getProtocol()) {
      case TCP -> "tcp";
      case UDP -> "udp";
      case SCTP -> "sctp";
      case UNRECOGNIZED ->
          throw new CriException(
              Kind.INVALID,
              "config.port_mappings.protocol is %d; known are TCP, UDP and SCTP"
                  .formatted(mapping.getProtocolValue()));
    };
  }

  private static OptionalLong bandwidth(String key, Map<String, String> annotations) {
    return Optional.ofNullable(annotations.get(key))
        .map(text -> OptionalLong.of(Bandwidth.parse(key, text)))
        .orElseGet(OptionalLong::empty);
  }
}
