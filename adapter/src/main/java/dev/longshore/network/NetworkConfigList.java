package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A network configuration list: the chain of plugins that makes up one network.
 *
 * @param versions of CNI it offers that Longshore speaks too, never empty
 * @param plugins in the order of ADD
 * @param text the list as JSON, as it came if it came as a list
 */
record NetworkConfigList(
    String name,
    NavigableSet<CniVersion> versions,
    boolean disableCheck,
    List<NetworkConfig> plugins,
    String text) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  NetworkConfigList {
    versions = Collections.unmodifiableNavigableSet(new TreeSet<>(versions));
    plugins = List.copyOf(plugins);
  }

  /** Reads a {@code .conflist}. */
  static NetworkConfigList parse(String text) throws CniFormatException {
    return of(Json.parseObject(text), text);
  }

  /** Reads a {@code .conf}: one plugin, which becomes a list of one. */
  static NetworkConfigList parseSingle(String text) throws CniFormatException {
    ObjectNode single = Json.parseObject(text);
    if (Json.string(single, "type").isEmpty()) {
      throw new CniFormatException(
          single.has("plugins")
              ? "it has \"plugins\" and no \"type\": a list must be named .conflist"
              : "it lacks \"type\"");
    }
    ObjectNode list = Json.object();
    list.put("cniVersion", Json.string(single, "cniVersion"));
    list.put("name", Json.string(single, "name"));
    list.putArray("plugins").add(single);
    return of(list, Json.text(list));
  }

  private static NetworkConfigList of(ObjectNode list, String text) throws CniFormatException {
    String name = Json.string(list, "name");
    if (!NAME.matcher(name).matches()) {
      throw new CniFormatException(
          name.isEmpty()
              ? "it lacks \"name\""
              : "network name \"" + name + "\" may hold letters, digits, _ . - only");
    }
    List<NetworkConfig> plugins = new ArrayList<>();
    JsonNode entries = list.path("plugins");
    if (!entries.isMissingNode() && !entries.isArray()) {
      throw new CniFormatException("\"plugins\" must be an array");
    }
    for (JsonNode entry : entries) {
      plugins.add(NetworkConfig.of(entry));
    }
    return new NetworkConfigList(
        name, spoken(list), Json.flag(list, "disableCheck"), plugins, text);
  }

  private static NavigableSet<CniVersion> spoken(ObjectNode list) throws CniFormatException {
    NavigableSet<CniVersion> offered = new TreeSet<>();
    JsonNode several = list.path("cniVersions");
    for (JsonNode version : several) {
      offered.add(CniVersion.parse(version.asText()));
    }
    String single = Json.string(list, "cniVersion");
    if (!single.isEmpty() || offered.isEmpty()) {
      offered.add(CniVersion.parse(single));
    }
    NavigableSet<CniVersion> spoken = offered.headSet(CniVersion.NEWEST, true);
    if (spoken.isEmpty()) {
      throw new CniFormatException(
          "cniVersion %s is newer than %s, the newest Longshore speaks; offer that in \"cniVersions\""
              .formatted(offered.first(), CniVersion.NEWEST));
    }
    return spoken;
  }

  /** The version to talk to the plugins in. */
  CniVersion version() {
    return versions.last();
  }

  boolean declares(String capability) {
    return plugins.stream().anyMatch(plugin -> plugin.capabilities().contains(capability));
  }

  /**
   * Whether plugins in a folder beside the file, named as the network, belong to it too
   * (specification 1.1.0, {@code loadOnlyInlinedPlugins}).
   */
  boolean takesPluginsFromFolder() throws CniFormatException {
    return !Json.flag(Json.parseObject(text), "loadOnlyInlinedPlugins");
  }

  /** The same network with more plugins at the end. */
  NetworkConfigList plus(List<NetworkConfig> more) throws CniFormatException {
    if (more.isEmpty()) {
      return this;
    }
    ObjectNode list = Json.parseObject(text);
    ArrayNode entries = list.withArray("plugins");
    more.forEach(plugin -> entries.add(plugin.json()));
    list.put("loadOnlyInlinedPlugins", true);
    return of(list, Json.text(list));
  }

  /**
   * The same network in one version only, so that whoever reads the text later talks to the plugins
   * as ADD did.
   */
  NetworkConfigList in(CniVersion chosen) throws CniFormatException {
    ObjectNode list = Json.parseObject(text);
    if (!list.has("cniVersions")) {
      return this;
    }
    list.remove("cniVersions");
    list.put("cniVersion", chosen.toString());
    return of(list, Json.text(list));
  }
}
