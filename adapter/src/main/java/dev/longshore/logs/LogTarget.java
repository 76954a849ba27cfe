package dev.longshore.logs;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file a log is written to, and where that stands: known by its inode, since the kubelet
 * renames it, with so many bytes committed, which is all that belongs before the source's position.
 * What it has beyond those, after a crash, is left out when it comes again. One thread at a time.
 */
final class LogTarget implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(LogTarget.class);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STRAY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Path path;
  private @Nullable CriFile file;
  private long inode = Inodes.NONE;
  private long committed;
  private long surplus;
  private Optional<Instant> after = Optional.empty();
  private long lookedAt = System.nanoTime() - LOOK_NANOS;
  private long strayedAt;
  private boolean strayed;

  /** {@code path} is where the CRI wants the log. */
  LogTarget(Path path) {
    this.path = path;
  }

  long inode() {
    return inode;
  }

  long committed() {
    return committed;
  }

  boolean isOpen() {
    return file != null;
  }

  /** Whether the file has what is still to come from the source. */
  boolean isAhead() {
    return surplus > 0;
  }

  boolean isInPlace() throws IOException {
    return file != null && Inodes.of(path) == inode;
  }

  /** What is known of it from the last process. */
  void resume(long knownInode, long knownLength) {
    inode = knownInode;
    committed = knownLength;
  }

  /** Lines not later than the file's last one are taken for copied; that one's time. */
  Optional<Instant> resumeByTime() throws IOException {
    after = LastLine.time(path);
    resume(Inodes.of(path), LastLine.end(path)); // The next line begins with what is behind it.
    return after;
  }

  /** Opens the file that is written to, by whatever name; false when there is none any more. */
  boolean openKnown() throws IOException {
    Optional<Path> known = Inodes.find(path, inode);
    if (known.isEmpty()) {
      return false;
    }
    CriFile opened = CriFile.open(known.get());
    if (opened.inode() != inode) {
      opened.close();
      throw new IOException(path + " is being renamed");
    }
    take(opened);
    return true;
  }

  private void take(CriFile opened) throws IOException {
    close();
    file = opened;
    surplus = Math.max(0, opened.size() - committed);
    committed = Math.min(committed, opened.size());
  }

  /** From now on lines go to the file in the log's place, which is made if it is missing. */
  void start() throws IOException {
    CriFile opened = CriFile.open(path);
    committed = opened.size();
    inode = opened.inode();
    take(opened);
    strayed = false;
    lookedAt = System.nanoTime();
  }

  /**
   * Whether the file is still where somebody can find it; looked at once a second of work.
   *
   * @param surely to look at once, however short ago it was looked at
   */
  Place look(boolean surely) throws IOException {
    long now = System.nanoTime();
    if (!surely && now - lookedAt < LOOK_NANOS) {
      return Place.NOT_LOOKED;
    }
    lookedAt = now;
    long inPlace = Inodes.of(path);
    if (inPlace != inode && Inodes.find(path, inode).isEmpty()) {
      return Place.REMOVED;
    }
    boolean replaced = inPlace != inode && inPlace != Inodes.NONE;
    strayedAt = replaced && !strayed ? now : strayedAt;
    strayed = replaced;
    return replaced && surplus == 0 && now - strayedAt >= STRAY_NANOS
        ? Place.ABANDONED
        : Place.FOUND;
  }

  /**
   * Writes what the file does not have yet.
   *
   * @return false when the file has something else in that place, so that nothing was written
   */
  boolean append(CriLines lines) throws IOException {
    int length = lines.length();
    int from = after.isEmpty() ? 0 : LastLine.after(after.get(), lines.bytes(), length);
    int there = (int) Math.min(surplus, length - from);
    if (there > 0 && !has(lines.bytes(), from, there)) {
      return false;
    }
    open().append(lines.bytes(), from + there, length - from - there);
    surplus -= there;
    committed += length - from;
    if (from < length) {
      after = Optional.empty();
    }
    return true;
  }

  private boolean has(byte[] bytes, int from, int count) throws IOException {
    Path name = Inodes.find(path, inode).orElse(path);
    try (RandomAccessFile file = new RandomAccessFile(name.toFile(), "r")) {
      byte[] there = new byte[count];
      file.seek(committed);
      file.readFully(there);
      return Arrays.equals(there, 0, count, bytes, from, from + count);
    }
  }

  /**
   * The source has lost what comes next. What the file has beyond the committed bytes stays; its
   * lines are known by their times from now on.
   */
  void loseTrack() throws IOException {
    if (surplus > 0) {
      Path name = Inodes.find(path, inode).orElse(path);
      open().truncate(LastLine.end(name));
      after = LastLine.time(name);
      committed = open().size();
      surplus = 0;
    }
  }

  /** Makes room in the books for a notice, which {@link #notice} then writes. */
  void announce(byte[] notice) throws IOException {
    committed = open().size() + notice.length;
  }

  void notice(byte[] notice) throws IOException {
    open().append(notice, 0, notice.length);
  }

  private CriFile open() {
    if (file == null) {
      throw new IllegalStateException(path + " is not open");
    }
    return file;
  }

  /** Closes the file; where it stands stays known. */
  @Override
  public void close() {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        log.debug("closing {}: {}", path, e.getMessage());
      }
      file = null;
    }
  }

  /** Where the file was found. */
  enum Place {
    /** It was looked for within the last second. */
    NOT_LOOKED,
    /** In its place, or under another name. */
    FOUND,
    /** Another file has been in its place for so long that nobody will ask for a reopening. */
    ABANDONED,
    /** It is gone. */
    REMOVED
  }
}
