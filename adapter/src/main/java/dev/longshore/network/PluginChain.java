package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.network.PluginCall.Verb;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the plugins of a network for one attachment, in the order and with the results that the
 * specification (section 3) prescribes. Stateless and thread-safe.
 */
final class PluginChain {
  private static final Logger log = LoggerFactory.getLogger(PluginChain.class);

  private final PluginBinaries binaries;
  private final PluginRunner runner;

  PluginChain(PluginBinaries binaries, PluginRunner runner) {
    this.binaries = binaries;
    this.runner = runner;
  }

  /** The result of the last plugin. */
  ObjectNode add(Attachment to, Path netns, Deadline deadline) throws PluginFailure {
    JsonNode result = MissingNode.getInstance();
    for (NetworkConfig plugin : to.network().plugins()) {
      PluginCall call = call(Verb.ADD, to, plugin, netns.toString(), result);
      String printed = runner.run(call, deadline);
      try {
        result = CniResult.parse(printed, to.network().version());
      } catch (CniFormatException e) {
        throw PluginFailure.unexplained(call, e.getMessage());
      }
    }
    return (ObjectNode) result;
  }

  /** {@code result} is the final one of ADD. */
  void check(Attachment at, Path netns, ObjectNode result, Deadline deadline) throws PluginFailure {
    for (NetworkConfig plugin : at.network().plugins()) {
      runner.run(call(Verb.CHECK, at, plugin, netns.toString(), result), deadline);
    }
  }

  /**
   * Deletes in reverse order. Plugins that have nothing to delete, or miss only the namespace,
   * count as done; the first other failure ends it, to be repeated as a whole.
   */
  void delete(Attachment from, Optional<Path> netns, Optional<ObjectNode> result, Deadline deadline)
      throws PluginFailure {
    JsonNode prevResult = MissingNode.getInstance();
    if (result.isPresent() && from.network().version().atLeast(CniVersion.WITH_CHECK)) {
      prevResult = result.get();
    }
    String path = netns.map(Path::toString).orElse("");
    for (NetworkConfig plugin : from.network().plugins().reversed()) {
      boolean done = deleted(call(Verb.DEL, from, plugin, path, prevResult), deadline);
      if (!done && !path.isEmpty()) {
        // The namespace went under the plugin's feet; what it holds elsewhere has to go too.
        deleted(call(Verb.DEL, from, plugin, "", prevResult), deadline);
      }
    }
  }

  /** False when the plugin stumbled over a missing network namespace. */
  private boolean deleted(PluginCall call, Deadline deadline) throws PluginFailure {
    try {
      runner.run(call, deadline);
      return true;
    } catch (PluginFailure e) {
      if (!e.isUnknownContainer() && !e.isMissingNamespace()) {
        throw e;
      }
      log.info("nothing left to delete: {}", e.getMessage());
      return e.isUnknownContainer();
    }
  }

  private PluginCall call(
      Verb verb, Attachment attachment, NetworkConfig plugin, String netns, JsonNode prevResult) {
    Path binary;
    try {
      binary = binaries.find(plugin.type());
    } catch (CniFormatException e) {
      throw new CriException(
          Kind.NOT_READY,
          "%s for %s is not possible: %s".formatted(verb, attachment.subject(), e.getMessage()),
          e);
    }
    Map<String, String> environment = new HashMap<>();
    environment.put("CNI_CONTAINERID", attachment.sandboxId().value());
    environment.put("CNI_NETNS", netns);
    environment.put("CNI_IFNAME", attachment.interfaceName());
    environment.put("CNI_ARGS", CniArgs.text(attachment.args()));
    environment.put("CNI_PATH", binaries.path());
    NetworkConfigList network = attachment.network();
    ObjectNode request =
        plugin.request(network.name(), network.version(), prevResult, attachment.capabilityArgs());
    return new PluginCall(verb, binary, attachment.subject(), environment, Json.text(request));
  }
}
