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

  private Inodes() {}

  /** The inode of that name itself, not of what a link leads to; {@link #NONE} when missing. */
  static long of(Path file) throws IOException {
    try {
      return (long) Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return NONE;
    }
  }

  /** Where in a file's folder the file with that inode is, whatever its name is now. */
  static Optional<Path> find(Path file, long inode) throws IOException {
    if (inode == NONE) {
      return Optional.empty();
    }
    if (of(file) == inode) {
      return Optional.of(file);
    }
    try (DirectoryStream<Path> siblings = Files.newDirectoryStream(file.resolveSibling("."))) {
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
