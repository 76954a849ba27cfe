package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.ContainerId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One sandbox's part in one network, as ADD, CHECK and DEL must all be told it.
 *
 * @param args CNI_ARGS, in order
 */
record Attachment(
    ContainerId sandboxId,
    String interfaceName,
    NetworkConfigList network,
    Map<String, String> args,
    ObjectNode capabilityArgs) {
  Attachment {
    args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
  }

  static Attachment of(NetworkPlan plan) throws CniFormatException {
    return new Attachment(
        plan.sandboxId(),
        plan.interfaceName(),
        NetworkConfigList.parse(plan.configList()),
        plan.args(),
        Json.parseObject(plan.capabilityArgs()));
  }

  String subject() {
    return "sandbox %s on network %s".formatted(sandboxId.shortForm(), network.name());
  }
}
