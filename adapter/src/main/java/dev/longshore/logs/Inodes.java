package dev.longshore.logs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Files by inode, which a rename does not change. */
final class Inodes {
  /** What {@link #of} answers for a file that is not there; no file has it. */
  static final long NONE = 0;

  private static final int ATTEMPTS = 3;

  private Inodes() {}

  /** The inode of that name itself, not of what a link leads to; {@link #NONE} when missing. */
  static long of(Path file) throws IOException {
    try {
      return (long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  /**
   * Where in a log's folder the file with that inode is: under the log's name or one that begins
   * so. Looks several times, since a file that is renamed meanwhile may escape a listing.
   */
  static Optional<Path> find(Path log, long inode) throws IOException {
    if (inode == NONE) {
      return Optional.empty();
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Path> found = of(log) == inode ? Optional.of(log) : findRenamed(log, inode);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> findRenamed(Path log, long inode) throws IOException {
    String name = log.getFileName().toString();
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(
            log.resolveSibling("."), file -> file.getFileName().toString().startsWith(name))) {
      for (Path sibling : siblings) {
        if (of(sibling) == inode) {
          return Optional.of(sibling.normalize());
        }
      }
      return Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
