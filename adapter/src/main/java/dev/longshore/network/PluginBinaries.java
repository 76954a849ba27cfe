package dev.longshore.network;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Finds plugins in the folders given, in their order. Immutable, thread-safe. */
final class PluginBinaries {
  private final List<Path> folders;

  PluginBinaries(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  /**
   * The plugin's executable file.
   *
   * @throws CniFormatException when there is none; the message says where it was looked for
   */
  Path find(String type) throws CniFormatException {
    List<Path> files =
        folders.stream().map(folder -> folder.resolve(type)).filter(Files::isRegularFile).toList();
    for (Path file : files) {
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new CniFormatException(
        files.isEmpty()
            ? "plugin %s is not in %s; install it there".formatted(type, where())
            : "plugin %s is not executable".formatted(files.getFirst()));
  }

  /** CNI_PATH. */
  String path() {
    return folders.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private String where() {
    return folders.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
