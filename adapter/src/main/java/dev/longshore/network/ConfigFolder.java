package dev.longshore.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder of network configurations: which files are candidates, and what is in them. Names that
 * begin with a dot are drafts, not candidates. Stateless.
 */
final class ConfigFolder {
  private static final long MAX_BYTES = 1 << 20;

  private final Path folder;

  ConfigFolder(Path folder) {
    this.folder = folder;
  }

  /** The candidates by name, first the one that wins if it is valid. */
  List<Path> files() throws IOException {
    return files(folder, List.of(".conflist", ".conf", ".json"));
  }

  /** Reads a candidate, with the plugins that lie in the folder of its network's name. */
  NetworkConfigList read(Path file) throws CniFormatException {
    String text = text(file);
    if (!file.toString().endsWith(".conflist")) {
      return NetworkConfigList.parseSingle(text);
    }
    NetworkConfigList list = NetworkConfigList.parse(text);
    if (list.takesPluginsFromFolder()) {
      list = list.plus(pluginsBeside(list.name()));
    }
    if (list.plugins().isEmpty()) {
      throw new CniFormatException("it has no plugins");
    }
    return list;
  }

  /** Where more plugins of a network may lie (specification 1.1.0, section 1). */
  Path folderOf(String network) {
    return folder.resolve(network);
  }

  private List<NetworkConfig> pluginsBeside(String network) throws CniFormatException {
    List<NetworkConfig> plugins = new ArrayList<>();
    try {
      for (Path file : files(folderOf(network), List.of(".conf"))) {
        plugins.add(NetworkConfig.of(Json.parseObject(text(file))));
      }
    } catch (IOException e) {
      throw new CniFormatException("its folder of plugins cannot be read: " + e, e);
    }
    return plugins;
  }

  private static String text(Path file) throws CniFormatException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new CniFormatException("it is larger than " + MAX_BYTES + " bytes");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new CniFormatException("it cannot be read: " + e, e);
    }
  }

  private static List<Path> files(Path folder, List<String> endings) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> endings.stream().anyMatch(file.toString()::endsWith))
          .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
          .filter(file -> !Files.isDirectory(file))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
