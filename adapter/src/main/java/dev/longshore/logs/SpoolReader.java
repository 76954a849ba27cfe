package dev.longshore.logs;

import dev.longshore.logs.Spool.Part;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spool from a position on, file by file. A file is held open until it is read to its end,
 * whatever Docker does with its name meanwhile. One thread at a time. Not a channel, since an
 * interrupt would close that.
 */
final class SpoolReader implements Closeable {
  private static final int HEAD = 512;

  private final Spool spool;
  private @Nullable RandomAccessFile file;
  private long inode;
  private long offset;
  private long headLength;
  private long headSum;
  private long lost;

  SpoolReader(Spool spool) {
    this.spool = spool;
  }

  Spool spool() {
    return spool;
  }

  /**
   * Goes to a position. When its file is gone, goes to the oldest there is and answers false: what
   * is between is lost.
   */
  boolean seek(SpoolPosition position) throws IOException {
    close();
    List<Part> parts = spool.parts();
    for (Part part : parts) {
      if (part.inode() == position.inode() && open(part)) {
        if (matches(position)) {
          offset = position.offset();
          return true;
        }
        close();
      }
    }
    if (parts.isEmpty() || !open(parts.getFirst()) || position.inode() == Inodes.NONE) {
      return true;
    }
    lost = Math.max(1, sizeOfOne() - position.offset());
    return false;
  }

  /** Goes behind everything there is. */
  void seekEnd() throws IOException {
    close();
    List<Part> parts = spool.parts();
    if (!parts.isEmpty() && open(parts.getLast()) && file != null) {
      offset = file.length();
    }
  }

  SpoolPosition position() throws IOException {
    if (file == null) {
      return SpoolPosition.OLDEST;
    }
    long wanted = Math.min(offset, HEAD);
    if (wanted != headLength) {
      headSum = sum(file, wanted);
      headLength = wanted;
    }
    return new SpoolPosition(inode, offset, headLength, headSum);
  }

  boolean isOpen() {
    return file != null;
  }

  /**
   * How many bytes of Docker's files the last loss took at least: one file has about the next's
   * size.
   */
  long lost() {
    return lost;
  }

  /** Reads what follows, without moving; 0 for nothing yet. */
  int read(byte[] buffer) throws IOException {
    RandomAccessFile open = file;
    if (open == null) {
      return 0;
    }
    open.seek(offset);
    return Math.max(0, open.read(buffer));
  }

  void advance(long bytes) {
    offset += bytes;
  }

  /** How much of the open file is ahead, in bytes. */
  long remaining() throws IOException {
    return file == null ? 0 : Math.max(0, file.length() - offset);
  }

  /** What comes after {@code seen} bytes at the position, none of which was a whole record. */
  Next next(int seen) throws IOException {
    RandomAccessFile open = file;
    if (open == null) {
      return Next.NOTHING;
    }
    boolean rotated = Inodes.of(spool.current()) != inode;
    long length = open.length(); // After the look at the name: Docker writes only to the current.
    if (length > offset + seen) {
      return Next.MORE;
    }
    if (length < offset) {
      offset = 0; // Somebody emptied the file in place.
      headLength = 0;
      return Next.TRUNCATED;
    }
    return rotated ? nextFile() : Next.NOTHING;
  }

  private Next nextFile() throws IOException {
    List<Part> parts = spool.parts();
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).inode() == inode) {
        return i + 1 < parts.size() && open(parts.get(i + 1)) ? Next.MORE : Next.NOTHING;
      }
    }
    if (parts.isEmpty() || !open(parts.getFirst())) {
      return Next.NOTHING;
    }
    lost = Math.max(1, sizeOfOne());
    return Next.OVERRUN;
  }

  /** The current file is still growing, an older one is as large as its predecessors were. */
  private long sizeOfOne() throws IOException {
    return file == null || Inodes.of(spool.current()) == inode ? 0 : file.length();
  }

  /** False when the name belongs to another file by now. */
  private boolean open(Part part) throws IOException {
    RandomAccessFile opened;
    try {
      opened = new RandomAccessFile(part.file().toFile(), "r");
    } catch (FileNotFoundException e) {
      return false;
    }
    if (Inodes.of(part.file()) != part.inode()) {
      opened.close();
      return false;
    }
    close();
    file = opened;
    inode = part.inode();
    return true;
  }

  private boolean matches(SpoolPosition position) throws IOException {
    RandomAccessFile open = file;
    return open != null
        && open.length() >= position.offset()
        && sum(open, position.headLength()) == position.headSum();
  }

  private static long sum(RandomAccessFile file, long length) throws IOException {
    CRC32 sum = new CRC32();
    byte[] head = new byte[(int) Math.min(length, HEAD)];
    file.seek(0);
    file.readFully(head);
    sum.update(head);
    return head.length == 0 ? 0 : sum.getValue();
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    file = null;
    inode = Inodes.NONE;
    offset = 0;
    headLength = 0;
    headSum = 0;
  }

  /** What comes next. */
  enum Next {
    /** Nothing yet. */
    NOTHING,
    /** More, in this file or the next, which is open now. */
    MORE,
    /** Docker has removed files that were not read; the oldest left is open now. */
    OVERRUN,
    /** The file was emptied in place, and is read from its start now. */
    TRUNCATED
  }
}
