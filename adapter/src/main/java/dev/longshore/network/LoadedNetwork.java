package dev.longshore.network;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What reading the configuration folder came to.
 *
 * @param config the configuration in force, with all its plugins there and speaking its version
 * @param problem why there is none, or why pods cannot be attached all the same; empty when they
 *     can
 * @param warnings about files that were passed over, each naming its file
 */
record LoadedNetwork(Optional<Config> config, String problem, List<String> warnings) {
  LoadedNetwork {
    warnings = List.copyOf(warnings);
  }

  /** Before the first reading. */
  static LoadedNetwork notYet() {
    return new LoadedNetwork(Optional.empty(), "it has not been read yet", List.of());
  }

  /** A configuration and where it came from. */
  record Config(Path file, NetworkConfigList list) {}
}
