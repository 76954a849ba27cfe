package dev.longshore.logs;

import dev.longshore.logs.Spool.Part;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spool from a position on, file by file. A file is held open until it is read to its end,
 * whatever Docker does with its name meanwhile. One thread at a time. Not a channel, since an
 * interrupt would close that.
 */
final class SpoolReader implements LogSource {
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

  @Override
  public RecordFormat.Kind kind() {
    return spool.kind();
  }

  @Override
  public boolean seek(SourcePosition position) throws IOException {
    close();
    List<Part> parts = spool.parts();
    for (Part part : parts) {
      if (isOf(part, position) && open(part)) {
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

  @Override
  public void seekEnd() throws IOException {
    close();
    List<Part> parts = spool.parts();
    if (!parts.isEmpty() && open(parts.getLast()) && file != null) {
      offset = file.length();
    }
  }

  @Override
  public SourcePosition position() throws IOException {
    if (file == null) {
      return SourcePosition.OLDEST;
    }
    long wanted = Math.min(offset, HEAD);
    if (wanted != headLength) {
      headSum = sum(file, wanted);
      headLength = wanted;
    }
    return new SourcePosition(inode, offset, headLength, headSum);
  }

  @Override
  public boolean isOpen() {
    return file != null;
  }

  /** One file has about the next's size. */
  @Override
  public long lost() {
    return lost;
  }

  @Override
  public int read(byte[] buffer) throws IOException {
    RandomAccessFile open = file;
    if (open == null) {
      return 0;
    }
    open.seek(offset);
    return Math.max(0, open.read(buffer));
  }

  @Override
  public void advance(long bytes) {
    offset += bytes;
  }

  @Override
  public long remaining() throws IOException {
    return file == null ? 0 : Math.max(0, file.length() - offset);
  }

  @Override
  public Next next(int seen) throws IOException {
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

  @Override
  public void ending() {
    // Docker has written everything by the time it tells of an end.
  }

  @Override
  public boolean isWhole() {
    return true;
  }

  @Override
  public Optional<Path> plainFile() {
    return spool.kind() == RecordFormat.Kind.JSON ? Optional.of(spool.current()) : Optional.empty();
  }

  private Next nextFile() throws IOException {
    List<Part> parts = spool.parts();
    SourcePosition here = position();
    for (int i = 0; i < parts.size(); i++) {
      if (isOf(parts.get(i), here)) {
        return i + 1 < parts.size() && open(parts.get(i + 1)) ? Next.MORE : Next.NOTHING;
      }
    }
    if (parts.isEmpty() || !open(parts.getFirst())) {
      return Next.NOTHING;
    }
    lost = Math.max(1, sizeOfOne());
    return Next.OVERRUN;
  }

  /** A file that was compressed has another inode, and the same first bytes. */
  private static boolean isOf(Part part, SourcePosition position) throws IOException {
    if (part.inode() == position.inode()) {
      return true;
    }
    int length = (int) Math.min(position.headLength(), HEAD);
    return length > 0
        && part.isCompressed()
        && sum(Unzipped.head(part.file(), length)) == position.headSum();
  }

  /** The current file is still growing, an older one is as large as its predecessors were. */
  private long sizeOfOne() throws IOException {
    return file == null || Inodes.of(spool.current()) == inode ? 0 : file.length();
  }

  /** False when the name belongs to another file by now. */
  private boolean open(Part part) throws IOException {
    RandomAccessFile opened;
    try {
      opened =
          part.isCompressed()
              ? Unzipped.open(part.file())
              : new RandomAccessFile(part.file().toFile(), "r");
    } catch (FileNotFoundException | NoSuchFileException e) {
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

  private boolean matches(SourcePosition position) throws IOException {
    RandomAccessFile open = file;
    return open != null
        && open.length() >= position.offset()
        && sum(open, position.headLength()) == position.headSum();
  }

  private static long sum(RandomAccessFile file, long length) throws IOException {
    byte[] head = new byte[(int) Math.min(length, HEAD)];
    file.seek(0);
    file.readFully(head);
    return sum(head);
  }

  private static long sum(byte[] head) {
    CRC32 sum = new CRC32();
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
}
