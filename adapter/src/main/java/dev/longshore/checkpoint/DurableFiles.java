package dev.longshore.checkpoint;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that are there whole or not at all, also after a power cut: written beside, synced,
 * renamed, folder synced. Callers see to it that one name is written by one thread at a time.
 */
final class DurableFiles {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final String BESIDE = ".tmp-";

  private DurableFiles() {}

  static void makeFolder(Path folder) throws IOException {
    Files.createDirectories(folder, OWNER_FOLDER);
  }

  static void replace(Path file, byte[] content) throws IOException {
    Path beside = file.resolveSibling(BESIDE + file.getFileName());
    try {
      Files.deleteIfExists(beside);
      Files.createFile(beside, OWNER_ONLY);
      // Not a channel: an interrupt must not leave half of the work done.
      try (FileOutputStream out = new FileOutputStream(beside.toFile())) {
        out.write(content);
        out.getFD().sync();
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      deleteQuietly(beside);
      throw e;
    }
    sync(parent(file));
  }

  /** A missing file is left alone. */
  static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      sync(parent(file));
    }
  }

  static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      // The next open of the folder tries again.
    }
  }

  /** Whether a write that was cut short left the file. */
  static boolean isLeftover(Path file) {
    return file.getFileName().toString().startsWith(BESIDE);
  }

  private static Path parent(Path file) {
    return file.resolveSibling("");
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
