package dev.longshore.logs;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** An open log file in CRI format, written at its end only. One thread at a time. */
final class CriFile implements Closeable {
  // As containerd's.
  private static final FileAttribute<Set<PosixFilePermission>> MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

  private final FileOutputStream out;
  private final long inode;

  private CriFile(FileOutputStream out, long inode) {
    this.out = out;
    this.inode = inode;
  }

  /** Opens the file, which is made with its folders when it is missing. */
  static CriFile open(Path path) throws IOException {
    Files.createDirectories(path.resolveSibling(".").normalize());
    try {
      Files.createFile(path, MODE);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(path + " is not a file", e);
      }
    }
    long inode = Inodes.of(path);
    FileOutputStream out = new FileOutputStream(path.toFile(), true);
    if (Inodes.of(path) != inode) {
      out.close();
      throw new IOException(path + " was replaced while it was opened");
    }
    return new CriFile(out, inode);
  }

  long inode() {
    return inode;
  }

  long size() throws IOException {
    return out.getChannel().size();
  }

  void append(byte[] bytes, int from, int length) throws IOException {
    out.write(bytes, from, length);
  }

  /** Cuts off what a crash has left of a line. */
  void truncate(long size) throws IOException {
    var _ = out.getChannel().truncate(size);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
