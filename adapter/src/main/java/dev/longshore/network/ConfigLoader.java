package dev.longshore.network;

import dev.longshore.network.LoadedNetwork.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Finds the configuration in force: the first file by name that is well-formed and whose plugins
 * are all there and speak one of its versions. Stateless.
 */
final class ConfigLoader {
  private final CniOptions options;
  private final ConfigFolder folder;
  private final PluginBinaries binaries;
  private final PluginVersions versions;

  ConfigLoader(CniOptions options, PluginBinaries binaries, PluginVersions versions) {
    this.options = options;
    this.folder = new ConfigFolder(options.confDir());
    this.binaries = binaries;
    this.versions = versions;
  }

  /** The folders of which everything matters, whatever the configuration. */
  List<Path> folders() {
    List<Path> folders = new ArrayList<>(options.binDirs());
    folders.add(options.confDir());
    return folders;
  }

  Loaded load() {
    Reading reading = new Reading();
    List<Path> files = List.of();
    String problem = "";
    try {
      files = folder.files();
    } catch (IOException e) {
      problem = "cannot read %s: %s".formatted(options.confDir(), e);
      reading.trouble = true;
    }
    Optional<Config> config =
        files.stream().flatMap(file -> reading.tried(file).stream()).findFirst();
    if (config.isEmpty() && problem.isEmpty()) {
      problem =
          files.isEmpty()
              ? "no .conflist, .conf or .json file in %s; install a network plugin"
                  .formatted(options.confDir())
              : "no valid file in %s".formatted(options.confDir());
    }
    if (config.isPresent()) {
      problem = reading.loopbackProblem();
    }
    return new Loaded(
        new LoadedNetwork(config, problem, reading.warnings),
        new ConfigWatcher.Found(reading.folders, reading.links, reading.trouble));
  }

  /** What was loaded, and what it depends on. */
  record Loaded(LoadedNetwork network, ConfigWatcher.Found found) {}

  /** One reading of the folder, with what is learnt on the way. */
  private final class Reading {
    final List<String> warnings = new ArrayList<>();
    final List<Path> folders = folders();
    final List<Path> links = new ArrayList<>();
    boolean trouble;

    Optional<Config> tried(Path file) {
      if (Files.isSymbolicLink(file)) {
        links.add(file);
      }
      try {
        NetworkConfigList list = folder.read(file);
        folders.add(folder.folderOf(list.name()));
        return Optional.of(new Config(file, list.in(common(list))));
      } catch (CniFormatException e) {
        warnings.add("%s is passed over: %s".formatted(file, e.getMessage()));
      } catch (PluginFailure e) {
        trouble = true;
        warnings.add("%s is passed over: %s".formatted(file, e.getMessage()));
      }
      return Optional.empty();
    }

    /** The newest version that the list offers and all its plugins speak. */
    private CniVersion common(NetworkConfigList list) throws CniFormatException, PluginFailure {
      NavigableSet<CniVersion> common = new TreeSet<>(list.versions());
      for (NetworkConfig plugin : list.plugins()) {
        NavigableSet<CniVersion> spoken = versions.of(binaries.find(plugin.type()));
        common.retainAll(spoken);
        if (common.isEmpty()) {
          throw new CniFormatException(
              "plugin %s speaks CNI %s, not %s; change \"cniVersion\" or the plugin"
                  .formatted(plugin.type(), spoken, list.versions()));
        }
      }
      return common.last();
    }

    String loopbackProblem() {
      try {
        var _ = versions.of(binaries.find(Loopback.TYPE));
        return "";
      } catch (CniFormatException e) {
        return e.getMessage();
      } catch (PluginFailure e) {
        trouble = true;
        return e.getMessage();
      }
    }
  }
}
