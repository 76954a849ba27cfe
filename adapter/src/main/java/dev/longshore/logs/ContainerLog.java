package dev.longshore.logs;

import dev.longshore.checkpoint.LogRecord;
import dev.longshore.checkpoint.LogRecords;
import dev.longshore.common.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The copying of one container's output. Where it stands is a pair: a position in the spool, and
 * how long the target is with everything before that position in it. The translation is the same
 * every time, so what the target has beyond that, after a crash or half a write, is translated
 * again and left out. Thread-safe; the lock is held while files are read and written, by one step
 * at a time.
 */
final class ContainerLog {
  private static final Logger log = LoggerFactory.getLogger(ContainerLog.class);

  /** A step copies so many buffers at most, so that others have their turn. */
  private static final int ROUNDS = 8;

  private final ContainerId id;
  private final Path path;
  private final LogRecords records;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final LogTarget target;
  private @Nullable SpoolReader reader;
  private boolean begun;
  private boolean linked;
  private boolean closed;
  private SpoolPosition start = SpoolPosition.OLDEST;
  private boolean toEnd;
  private SpoolPosition verified = SpoolPosition.OLDEST;
  private boolean unsaved;

  /** {@code path} is where the CRI wants the log. */
  ContainerLog(ContainerId id, Path path, LogRecords records, InstantSource clock) {
    this.id = id;
    this.path = path;
    this.records = records;
    this.clock = clock;
    target = new LogTarget(path);
  }

  ContainerId id() {
    return id;
  }

  Path path() {
    return path;
  }

  /** Says where the output comes from; may come later than the first step. */
  void source(Spool spool) {
    lock.lock();
    try {
      if (reader == null) {
        reader = new SpoolReader(spool);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Copies some of what there is.
   *
   * @return whether there is more
   * @throws IOException when that cannot be done now; another step goes on where this one failed
   */
  boolean step(CopyBuffers buffers) throws IOException {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      return stepLocked(buffers);
    } catch (IOException e) {
      target.close();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private boolean stepLocked(CopyBuffers buffers) throws IOException {
    if (!begun) {
      begin();
    }
    if (linked) {
      return false;
    }
    if (!target.isOpen()) {
      openTarget();
    }
    look();
    return reader != null && copy(reader, buffers);
  }

  /** Whether the log is a link to Docker's file, as cri-dockerd and dockershim make it. */
  boolean isLink() {
    lock.lock();
    try {
      return linked;
    } finally {
      lock.unlock();
    }
  }

  /** From the return on everything goes to a new file, unless the old one is still in its place. */
  void reopen(CopyBuffers buffers) throws IOException {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (!begun) {
        begin();
      }
      if (linked) {
        leaveLink();
      } else if (!target.isOpen()) {
        openTarget();
      }
      boolean more = true;
      while (target.isAhead() && more) {
        more = stepLocked(buffers); // What the old file has already must not come into the new one.
      }
      if (target.isAhead()) {
        throw new IOException("Docker's files do not have yet what the old file has; try again");
      }
      if (!linked && !target.isInPlace()) {
        startFile();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Writes down where the copying stands, if it has moved. */
  void save() throws IOException {
    lock.lock();
    try {
      if (unsaved && begun && !linked && !closed) {
        write(position());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the copying; {@code done} when nothing is left to copy, ever. */
  void close(boolean done) throws IOException {
    lock.lock();
    try {
      if (!done) {
        save();
      }
      closed = true;
      target.close();
      if (reader != null) {
        reader.close();
      }
      if (done) {
        records.delete(id);
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- all below under the lock

  private void begin() throws IOException {
    Optional<LogRecord> record = records.read(id);
    if (record.isPresent()) {
      resume(record.get());
    } else if (Files.isSymbolicLink(path)) {
      linked = true;
    } else if (Files.isRegularFile(path) && Files.size(path) > 0) {
      continueByTime();
    }
    begun = true;
  }

  private void resume(LogRecord record) {
    start = SpoolPosition.of(record);
    verified = start;
    target.resume(record.targetInode(), record.targetLength());
  }

  /** Somebody lost the record: lines not later than the file's last one are taken for copied. */
  private void continueByTime() throws IOException {
    log.warn(
        "container {}: no record of how far {} goes; it is continued after its last line, {}",
        id.shortForm(),
        path,
        target.resumeByTime().map(Instant::toString).orElse("which is not in CRI format"));
  }

  /** Opens the file that is being written to, by whatever name, or starts one. */
  private void openTarget() throws IOException {
    if (!target.openKnown()) {
      if (target.inode() != Inodes.NONE) {
        rewind();
      }
      startFile();
    }
  }

  /** What went to a file that has been removed since it was last seen is copied again. */
  private void rewind() throws IOException {
    start = verified;
    if (reader != null) {
      reader.close();
    }
  }

  private void startFile() throws IOException {
    target.start();
    verified = position();
    write(verified);
  }

  private void look() throws IOException {
    switch (target.look()) {
      case NOT_LOOKED -> {}
      case FOUND -> verified = position();
      case ABANDONED -> startFile(); // A reopening was cut short.
      case REMOVED -> {
        log.warn(
            "container {}: {} has been removed; its log goes on in a new file",
            id.shortForm(),
            path);
        rewind();
        startFile();
      }
    }
  }

  private void leaveLink() throws IOException {
    if (Files.isSymbolicLink(path)) {
      return;
    }
    linked = false;
    toEnd = true; // The renamed link still leads to everything up to here.
    if (reader != null) {
      reader.seekEnd();
      toEnd = false;
    }
    log.info("container {}: {} is a file in CRI format from now on", id.shortForm(), path);
  }

  private SpoolPosition position() throws IOException {
    return reader == null || !reader.isOpen() ? start : reader.position();
  }

  private boolean copy(SpoolReader source, CopyBuffers buffers) throws IOException {
    if (!source.isOpen()) {
      open(source, buffers);
    }
    for (int round = 0; round < ROUNDS; round++) {
      int read = source.read(buffers.input);
      int used = read == 0 ? 0 : translate(source, buffers, read);
      boolean tooLong = used == 0 && read == buffers.input.length;
      if (used > 0) {
        long before = target.committed();
        target.append(buffers.lines);
        buffers.figures().copied(target.committed() - before);
        source.advance(used);
        unsaved = true;
      } else if (!(tooLong && buffers.grow()) && !goOn(source, read, buffers)) {
        buffers.trim();
        return false;
      }
    }
    return true;
  }

  private void open(SpoolReader source, CopyBuffers buffers) throws IOException {
    if (toEnd) {
      source.seekEnd();
      toEnd = false;
    } else {
      seek(source, buffers);
    }
  }

  private void seek(SpoolReader source, CopyBuffers buffers) throws IOException {
    if (!source.seek(start)) {
      target.loseTrack();
      reportLoss(source, buffers);
    }
  }

  private int translate(SpoolReader source, CopyBuffers buffers, int read) throws IOException {
    try {
      int used = buffers.translate(source.spool().kind(), read);
      if (buffers.unreadable() > 0) {
        log.warn(
            "container {}: {} bytes of Docker's log are unreadable, left out",
            id.shortForm(),
            buffers.unreadable());
      }
      return used;
    } catch (UnreadableRecordException e) {
      int rest = (int) Math.min(Integer.MAX_VALUE, source.remaining());
      log.warn(
          "container {}: the rest of Docker's log, {} bytes, is unreadable, left out",
          id.shortForm(),
          rest);
      return rest;
    }
  }

  /** Whether there is something to read after all. */
  private boolean goOn(SpoolReader source, int seen, CopyBuffers buffers) throws IOException {
    return switch (source.next(seen)) {
      case NOTHING -> false;
      case MORE, TRUNCATED -> true;
      case OVERRUN -> {
        reportLoss(source, buffers);
        yield true;
      }
    };
  }

  /** In the log itself, where whoever misses the lines looks. */
  private void reportLoss(SpoolReader source, CopyBuffers buffers) throws IOException {
    buffers.figures().lost();
    String text =
        "longshore: lines of this log are lost: Docker's spool ran over, at least %d bytes"
            .formatted(source.lost());
    log.warn("container {}: {}", id.shortForm(), text);
    byte[] notice = CriLines.notice(clock.instant(), text);
    target.announce(notice);
    write(source.position()); // First: a crash after this leaves out the notice, not lines.
    target.notice(notice);
  }

  private void write(SpoolPosition position) throws IOException {
    records.write(id, position.record(target.inode(), target.committed()));
    unsaved = false;
  }
}
