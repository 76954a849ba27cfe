package dev.longshore.network;

import java.util.List;

/**
 * Whether pods can get a network.
 *
 * @param reason CamelCase word; empty when ready
 * @param message sentence for people; empty when ready
 * @param configFile the file in force; empty when none
 * @param networkName of the configuration in force; empty when none
 * @param warnings what is wrong with files that were passed over
 */
public record NetworkStatus(
    boolean ready,
    String reason,
    String message,
    String configFile,
    String networkName,
    List<String> warnings) {
  public NetworkStatus {
    warnings = List.copyOf(warnings);
  }
}
