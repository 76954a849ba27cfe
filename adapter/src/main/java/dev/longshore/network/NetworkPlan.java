package dev.longshore.network;

import dev.longshore.common.ContainerId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that ADD will use, fixed before it runs, so that a DEL after a crash uses the same.
 *
 * @param interfaceName in the pod, {@code eth0}
 * @param configList the network configuration list, JSON
 * @param args CNI_ARGS by name, in the order they are passed
 * @param capabilityArgs capability arguments, a JSON object
 */
public record NetworkPlan(
    ContainerId sandboxId,
    String networkName,
    String interfaceName,
    String configList,
    Map<String, String> args,
    String capabilityArgs) {
  public NetworkPlan {
    args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
  }
}
