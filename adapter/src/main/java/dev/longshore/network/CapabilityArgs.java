package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.network.PodNetworkRequest.HostPort;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The capability arguments Longshore offers to plugins, in the form of CNI's CONVENTIONS.md:
 * portMappings, bandwidth, ipRanges and dns. What a pod does not ask for is left out.
 */
final class CapabilityArgs {
  /** Plugins that declare it hand out the node's pod CIDR. */
  static final String IP_RANGES = "ipRanges";

  /** No limit in effect, in bits; the bandwidth plugin demands a burst beside each rate. */
  private static final int BURST = Integer.MAX_VALUE;

  private CapabilityArgs() {}

  /** {@code podCidrs} may be empty; each becomes a range set of its own, one per IP family. */
  static ObjectNode of(PodNetworkRequest request, List<String> podCidrs) {
    ObjectNode args = Json.object();
    addPortMappings(args, request.hostPorts());
    addBandwidth(args, request.ingressBitsPerSecond(), request.egressBitsPerSecond());
    if (!podCidrs.isEmpty()) {
      ArrayNode sets = args.putArray(IP_RANGES);
      podCidrs.forEach(cidr -> sets.addArray().addObject().put("subnet", cidr));
    }
    addDns(args, request);
    return args;
  }

  private static void addPortMappings(ObjectNode args, List<HostPort> hostPorts) {
    List<HostPort> mapped = hostPorts.stream().filter(port -> port.hostPort() > 0).toList();
    if (mapped.isEmpty()) {
      return;
    }
    ArrayNode mappings = args.putArray("portMappings");
    for (HostPort port : mapped) {
      mappings
          .addObject()
          .put("hostPort", port.hostPort())
          .put("containerPort", port.containerPort())
          .put("protocol", port.protocol().toLowerCase(Locale.ROOT))
          .put("hostIP", port.hostIp());
    }
  }

  private static void addBandwidth(ObjectNode args, OptionalLong ingress, OptionalLong egress) {
    if (ingress.isEmpty() && egress.isEmpty()) {
      return;
    }
    ObjectNode bandwidth = args.putObject("bandwidth");
    ingress.ifPresent(rate -> bandwidth.put("ingressRate", rate).put("ingressBurst", BURST));
    egress.ifPresent(rate -> bandwidth.put("egressRate", rate).put("egressBurst", BURST));
  }

  private static void addDns(ObjectNode args, PodNetworkRequest request) {
    if (request.dnsServers().isEmpty()
        && request.dnsSearches().isEmpty()
        && request.dnsOptions().isEmpty()) {
      return;
    }
    ObjectNode dns = args.putObject("dns");
    addAll(dns.putArray("servers"), request.dnsServers());
    addAll(dns.putArray("searches"), request.dnsSearches());
    addAll(dns.putArray("options"), request.dnsOptions());
  }

  private static void addAll(ArrayNode array, List<String> values) {
    values.forEach(array::add);
  }
}
