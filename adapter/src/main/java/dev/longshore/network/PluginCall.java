package dev.longshore.network;

import java.nio.file.Path;
import java.util.Map;

/**
 * One run of one plugin.
 *
 * @param subject what it is done to, for messages: "sandbox 0123456789ab on network pods"
 * @param environment added to Longshore's own
 * @param input the plugin's standard input
 */
record PluginCall(
    Verb verb, Path plugin, String subject, Map<String, String> environment, String input) {
  PluginCall {
    environment = Map.copyOf(environment);
  }

  /** The plugin's name and what it was to do. */
  String what() {
    return "plugin %s, %s for %s".formatted(plugin.getFileName(), verb, subject);
  }

  /** CNI_COMMAND. */
  enum Verb {
    ADD,
    DEL,
    CHECK,
    STATUS,
    VERSION
  }
}
