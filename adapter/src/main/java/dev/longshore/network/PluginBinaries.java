package dev.longshore.network;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
        checkProgram(file);
        return file;
      }
    }
    throw new CniFormatException(
        files.isEmpty()
            ? "plugin %s is not in %s; install it there".formatted(type, where())
            : "plugin %s is not executable".formatted(files.getFirst()));
  }

  /**
   * What the kernel cannot run, Java hands to /bin/sh, where an empty file (a plugin half
   * installed) succeeds at everything, DEL included.
   */
  private static void checkProgram(Path file) throws CniFormatException {
    byte[] start;
    try (InputStream content = Files.newInputStream(file)) {
      start = content.readNBytes(4);
    } catch (IOException e) {
      throw new CniFormatException("plugin %s cannot be read: %s".formatted(file, e), e);
    }
    String mark = new String(start, StandardCharsets.ISO_8859_1);
    if (!mark.equals("\u007fELF") && !mark.startsWith("#!")) {
      throw new CniFormatException(
          "plugin %s is neither a program nor a script; install it anew".formatted(file));
    }
  }

  /** CNI_PATH. */
  String path() {
    return folders.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private String where() {
    return folders.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
