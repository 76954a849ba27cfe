package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What a folder and all below it take of a disk.
 *
 * @param bytes allocated; a file with several names counts once
 * @param inodes files of every kind and folders, the topmost among them
 */
public record TreeUse(long bytes, long inodes) {
  /** Called after each file of a walk. */
  @FunctionalInterface
  public interface Pace {
    /**
     * May wait.
     *
     * @throws IOException to give up the walk
     */
    void step() throws IOException, InterruptedException;
  }

  /**
   * Walks the folder: some microseconds a file. Symbolic links are not followed, also when a folder
   * turns into one meanwhile; what vanishes or cannot be read is left out.
   *
   * @throws NoSuchFileException when the folder is not there, or the C library is too old to look
   */
  public static TreeUse of(Path folder, Pace pace) throws IOException, InterruptedException {
    FileStat top = FileStat.of(folder).orElseThrow(() -> new NoSuchFileException("" + folder));
    Walk walk = new Walk(pace);
    walk.count(top);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      walk.descend(entries, 0);
    }
    return new TreeUse(walk.bytes, walk.inodes);
  }

  private static final class Walk {
    // Each level holds a descriptor.
    private static final int DEEPEST = 256;
    // Beyond, a file counts once per name.
    private static final int MOST_LINKED = 100_000;

    private final Pace pace;
    private final Set<Long> linked = new HashSet<>();
    private long bytes;
    private long inodes;

    private Walk(Pace pace) {
      this.pace = pace;
    }

    private void descend(DirectoryStream<Path> entries, int depth)
        throws IOException, InterruptedException {
      try {
        for (Path entry : entries) {
          Optional<FileStat> stat = FileStat.of(entry);
          stat.ifPresent(this::count);
          pace.step();
          if (stat.filter(FileStat::directory).isPresent() && depth < DEEPEST) {
            enter(entries, entry, depth + 1);
          }
        }
      } catch (DirectoryIteratorException e) {
        // The rest of this folder cannot be read.
      }
    }

    // Opened by its name in the folder above, which must not lead elsewhere; Linux can do so.
    private void enter(DirectoryStream<Path> above, Path folder, int depth)
        throws IOException, InterruptedException {
      if (!(above instanceof SecureDirectoryStream<Path> secure)) {
        return;
      }
      try (var entries =
          secure.newDirectoryStream(folder.getFileName(), LinkOption.NOFOLLOW_LINKS)) {
        descend(entries, depth);
      } catch (FileSystemException e) {
        // It has vanished, or is a symbolic link by now.
      }
    }

    private void count(FileStat stat) {
      boolean again =
          stat.links() > 1
              && !stat.directory()
              && linked.size() < MOST_LINKED
              && !linked.add(stat.inode());
      if (!again) {
        bytes += stat.diskBytes();
        inodes++;
      }
    }
  }
}
