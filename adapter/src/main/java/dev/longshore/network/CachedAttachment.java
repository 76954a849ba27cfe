package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.ContainerId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A file of libcni's cache: what was ADDed, with what, and what came of it. Its form is libcni's
 * {@code cniCacheV1}; files from before libcni 0.8 hold the bare result and no configuration.
 *
 * @param config the network configuration list as JSON
 * @param result of the last plugin of the chain
 */
record CachedAttachment(
    Path file,
    String network,
    String interfaceName,
    Optional<String> config,
    Map<String, String> args,
    ObjectNode capabilityArgs,
    Optional<ObjectNode> result) {
  private static final String KIND = "cniCacheV1";

  CachedAttachment {
    args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
  }

  /** Where libcni looks for it. */
  static String fileName(Attachment attachment) {
    return String.join(
        "-",
        attachment.network().name(),
        attachment.sandboxId().value(),
        attachment.interfaceName());
  }

  static String write(Attachment attachment, Path netns, ObjectNode result) {
    ObjectNode json = Json.object();
    json.put("kind", KIND);
    json.put("containerId", attachment.sandboxId().value());
    json.put("config", attachment.network().text().getBytes(StandardCharsets.UTF_8));
    json.put("ifName", attachment.interfaceName());
    json.put("networkName", attachment.network().name());
    json.put("netns", netns.toString());
    attachment
        .args()
        .forEach((key, value) -> json.withArray("cniArgs").addArray().add(key).add(value));
    json.set("capabilityArgs", attachment.capabilityArgs());
    json.set("result", result);
    return Json.text(json);
  }

  static CachedAttachment read(Path file, ContainerId sandboxId, String text)
      throws CniFormatException {
    ObjectNode json = Json.parseObject(text);
    if (!Json.string(json, "kind").equals(KIND)) {
      return bareResult(file, sandboxId, json);
    }
    if (!Json.string(json, "containerId").equals(sandboxId.value())) {
      throw new CniFormatException("it is of container " + json.path("containerId").asText());
    }
    Map<String, String> args = new LinkedHashMap<>();
    for (JsonNode arg : json.path("cniArgs")) {
      args.put(arg.path(0).asText(), arg.path(1).asText());
    }
    return new CachedAttachment(
        file,
        Json.string(json, "networkName"),
        Json.string(json, "ifName"),
        Optional.of(decode(Json.string(json, "config"))).filter(config -> !config.isEmpty()),
        args,
        json.path("capabilityArgs") instanceof ObjectNode given ? given : Json.object(),
        json.path("result") instanceof ObjectNode result ? Optional.of(result) : Optional.empty());
  }

  private static CachedAttachment bareResult(Path file, ContainerId sandboxId, ObjectNode json)
      throws CniFormatException {
    if (!json.has("ips") && !json.has("ip4") && !json.has("ip6") && !json.has("cniVersion")) {
      throw new CniFormatException("it is of kind \"" + json.path("kind").asText() + "\"");
    }
    String name = String.valueOf(file.getFileName());
    int id = name.indexOf("-" + sandboxId.value() + "-");
    return new CachedAttachment(
        file,
        name.substring(0, id),
        name.substring(id + sandboxId.value().length() + 2),
        Optional.empty(),
        Map.of(),
        Json.object(),
        Optional.of(json));
  }

  private static String decode(String config) throws CniFormatException {
    try {
      return new String(Base64.getDecoder().decode(config), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new CniFormatException("its config is not base64", e);
    }
  }
}
