package dev.longshore.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.common.ContainerId;
import dev.longshore.docker.KubeName;
import dev.longshore.network.NetworkPlan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The form of a record on disk: JSON with a version. Reading is tolerant: fields it does not know
 * are skipped, so that an older Longshore reads what a newer one wrote; fields it needs and does
 * not find make the record unreadable.
 */
final class SandboxRecordCodec {
  /** Counts changes that an older reader would misunderstand; additions do not count. */
  static final int VERSION = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  private SandboxRecordCodec() {}

  static byte[] write(SandboxRecord sandbox) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", VERSION);
    root.put("id", sandbox.id().value());
    ObjectNode name = root.putObject("name");
    name.put("pod", sandbox.name().pod());
    name.put("namespace", sandbox.name().namespace());
    name.put("uid", sandbox.name().uid());
    name.put("attempt", sandbox.name().attempt());
    root.put("hostNetwork", sandbox.hostNetwork());
    root.put("phase", sandbox.phase().name());
    sandbox.plan().ifPresent(plan -> writePlan(root.putObject("plan"), plan));
    sandbox.addresses().forEach(root.putArray("addresses")::add);
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  private static void writePlan(ObjectNode node, NetworkPlan plan) {
    node.put("network", plan.networkName());
    node.put("interface", plan.interfaceName());
    node.put("configList", plan.configList());
    ObjectNode args = node.putObject("args");
    plan.args().forEach(args::put);
    node.put("capabilityArgs", plan.capabilityArgs());
  }

  /**
   * @throws IOException when the text is no record, or one of a version this reader cannot know
   */
  static SandboxRecord read(byte[] content) throws IOException {
    JsonNode root = JSON.readTree(content);
    int version = need(root, "version").asInt();
    if (version < 1 || version > VERSION) {
      throw new IOException("its version is %d, known is %d".formatted(version, VERSION));
    }
    try {
      ContainerId id = new ContainerId(text(root, "id"));
      JsonNode name = need(root, "name");
      return new SandboxRecord(
          id,
          KubeName.sandbox(
              text(name, "pod"),
              text(name, "namespace"),
              text(name, "uid"),
              name.path("attempt").asLong()),
          root.path("hostNetwork").asBoolean(),
          Phase.valueOf(text(root, "phase")),
          readPlan(id, root.path("plan")),
          texts(root.path("addresses")));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static Optional<NetworkPlan> readPlan(ContainerId id, JsonNode node) throws IOException {
    if (!node.isObject()) {
      return Optional.empty();
    }
    Map<String, String> args = new HashMap<>();
    node.path("args").properties().forEach(arg -> args.put(arg.getKey(), arg.getValue().asText()));
    return Optional.of(
        new NetworkPlan(
            id,
            text(node, "network"),
            text(node, "interface"),
            text(node, "configList"),
            args,
            text(node, "capabilityArgs")));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static String text(JsonNode node, String field) throws IOException {
    return need(node, field).asText();
  }

  private static JsonNode need(JsonNode node, String field) throws IOException {
    JsonNode found = node.path(field);
    if (found.isMissingNode() || found.isNull()) {
      throw new IOException("it has no field \"" + field + "\"");
    }
    return found;
  }
}
