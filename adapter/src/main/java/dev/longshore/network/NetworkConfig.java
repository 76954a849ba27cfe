package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One plugin's part of a network configuration.
 *
 * @param type the plugin's file name
 * @param capabilities those it declares as true
 * @param json all of it; not to be changed
 */
record NetworkConfig(String type, Set<String> capabilities, ObjectNode json) {
  NetworkConfig {
    capabilities = Set.copyOf(capabilities);
  }

  static NetworkConfig of(JsonNode node) throws CniFormatException {
    if (!(node instanceof ObjectNode json)) {
      throw new CniFormatException("a plugin's configuration must be an object, got " + node);
    }
    String type = Json.string(json, "type");
    if (type.isEmpty()) {
      throw new CniFormatException("a plugin's configuration lacks \"type\"");
    }
    if (type.contains("/") || type.equals(".") || type.equals("..")) {
      throw new CniFormatException("plugin type \"" + type + "\" must be a plain file name");
    }
    return new NetworkConfig(type, declared(json), json);
  }

  private static Set<String> declared(ObjectNode json) {
    return json.path("capabilities").properties().stream()
        .filter(capability -> capability.getValue().asBoolean(false))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * What the plugin reads on its standard input. {@code capabilities} stays in it, against the
   * letter of the specification and as libcni does: plugins that delegate (Multus) read it.
   *
   * @param prevResult a missing node when there is none
   * @param capabilityArgs all that the runtime offers; only what the plugin declares is passed
   */
  ObjectNode request(
      String network, CniVersion version, JsonNode prevResult, ObjectNode capabilityArgs) {
    ObjectNode request = json.deepCopy();
    request.put("cniVersion", version.toString());
    request.put("name", network);
    ObjectNode runtimeConfig = capabilityArgs.deepCopy().retain(capabilities);
    if (!runtimeConfig.isEmpty()) {
      request.set("runtimeConfig", runtimeConfig);
    }
    if (!prevResult.isMissingNode()) {
      request.set("prevResult", prevResult);
    }
    return request;
  }
}
