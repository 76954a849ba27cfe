package dev.longshore.logs;

import dev.longshore.docker.EngineContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Docker's files of a container's output: the current one, and older ones beside it with {@code
 * .1}, {@code .2} … at the end of the name, which Docker may compress.
 */
record Spool(Path current, RecordFormat.Kind kind) {
  /** How many listings may differ from the one before while Docker renames files. */
  private static final int PATIENCE = 5;

  private static final int MOST_FILES = 1000;

  /**
   * The files of a container that runs or ran; empty for a driver that keeps none. Docker tells the
   * place of json-file only. Since 20.10 it caches what other drivers take, if it cannot be read
   * back from them.
   */
  static Optional<Spool> of(EngineContainer container, Path dockerRoot) {
    if (!container.logPath().isEmpty() && Files.exists(Path.of(container.logPath()))) {
      return Optional.of(new Spool(Path.of(container.logPath()), RecordFormat.Kind.JSON));
    }
    Path folder = dockerRoot.resolve("containers").resolve(container.id().value());
    for (String name : List.of("local-logs/container.log", "container-cached.log")) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        return Optional.of(new Spool(file, RecordFormat.Kind.LOCAL));
      }
    }
    return Optional.empty();
  }

  /** To be watched: files are written, made and renamed there. */
  Path folder() {
    return current.resolveSibling("").normalize();
  }

  /** All files there are, oldest first. */
  List<Part> parts() throws IOException {
    List<Part> parts = list();
    for (int attempt = 0; attempt < PATIENCE; attempt++) {
      List<Part> again = list();
      if (again.equals(parts)) {
        break;
      }
      parts = again;
    }
    return parts;
  }

  private List<Part> list() throws IOException {
    List<Part> parts = new ArrayList<>();
    Path file = current;
    for (int number = 1; number < MOST_FILES; number++) {
      Part part = part(file);
      if (part.inode() != Inodes.NONE) {
        parts.addFirst(part);
      } else if (number > 1) {
        break;
      }
      file = current.resolveSibling(current.getFileName() + "." + number);
    }
    return parts;
  }

  /** While Docker compresses a file, it is there in both forms; the compressed one is not whole. */
  private static Part part(Path file) throws IOException {
    long inode = Inodes.of(file);
    if (inode != Inodes.NONE) {
      return new Part(file, inode);
    }
    Path compressed = file.resolveSibling(file.getFileName() + Part.COMPRESSED);
    return new Part(compressed, Inodes.of(compressed));
  }

  /** One file. */
  record Part(Path file, long inode) {
    private static final String COMPRESSED = ".gz";

    boolean isCompressed() {
      return file.toString().endsWith(COMPRESSED);
    }
  }
}
