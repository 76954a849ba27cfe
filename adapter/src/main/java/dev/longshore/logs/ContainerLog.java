package dev.longshore.logs;

import dev.longshore.checkpoint.LogRecord;
import dev.longshore.checkpoint.LogRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
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
  private final boolean asLink;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final LogTarget target;
  private @Nullable LogSource reader;
  private boolean begun;
  private boolean linked;
  private boolean closed;
  private SourcePosition start = SourcePosition.OLDEST;
  private SourcePosition verified = SourcePosition.OLDEST;
  private boolean unsaved;

  /**
   * A log of which nothing is known yet.
   *
   * @param path where the CRI wants the log
   * @param asLink whether a new one is to be a link to Docker's file, where that is readable text
   */
  ContainerLog(ContainerId id, Path path, LogRecords records, InstantSource clock, boolean asLink) {
    this.id = id;
    this.asLink = asLink;
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
  void source(LogSource source) {
    lock.lock();
    try {
      if (reader == null) {
        reader = source;
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Copies some of what there is.
   *
   * @param last whether the container has ended
   * @return whether there is more
   * @throws IOException when that cannot be done now; another step goes on where this one failed
   */
  boolean step(CopyBuffers buffers, boolean last) throws IOException {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      return stepLocked(buffers) || (last && target.isOpen() && look(true));
    } catch (IOException e) {
      target.close();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private boolean stepLocked(CopyBuffers buffers) throws IOException {
    if (!begun && asLink && reader == null) {
      return false; // What it will be depends on where the output is.
    }
    if (!begun) {
      begin();
    }
    if (linked) {
      return false;
    }
    if (!target.isOpen()) {
      openTarget();
    }
    boolean _ = look(false);
    return reader != null && copy(reader, buffers);
  }

  /** Whether all has been copied, provided that the container has ended. */
  boolean isWhole() {
    lock.lock();
    try {
      return closed || linked || reader == null || reader.isWhole();
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

  /** Nothing will ever come: says so in the log, once. */
  void explain(String text) throws IOException {
    lock.lock();
    try {
      if (!closed && !begun) {
        begin();
      }
      if (!closed && !linked && !target.isOpen()) {
        openTarget();
      }
      if (target.isOpen() && target.committed() == 0) {
        say(text, position());
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
    } else if (asLink && reader != null && reader.plainFile().isPresent()) {
      link(reader.plainFile().get());
    }
    begun = true;
  }

  private void link(Path file) throws IOException {
    Files.deleteIfExists(path);
    Files.createDirectories(path.resolveSibling("").normalize());
    Files.createSymbolicLink(path, file);
    linked = true;
  }

  private void resume(LogRecord record) {
    start = SourcePosition.of(record);
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

  /** Whether what was copied has to be copied again. */
  private boolean look(boolean surely) throws IOException {
    switch (target.look(surely)) {
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
        return true;
      }
    }
    return false;
  }

  /** The renamed link still leads to everything up to here. */
  private void leaveLink() throws IOException {
    if (asLink) {
      throw new CriException(
          Kind.UNSUPPORTED,
          ("cannot reopen the log of container %s: %s is a link to Docker's own file, which Docker"
                  + " rotates; --container-log-format=cri makes logs that can be rotated")
              .formatted(id.shortForm(), path));
    }
    if (Files.isSymbolicLink(path)) {
      return;
    }
    if (reader == null) {
      throw new IOException("it is not known yet where Docker keeps its output; try again");
    }
    reader.seekEnd();
    linked = false;
    log.info("container {}: {} is a file in CRI format from now on", id.shortForm(), path);
  }

  private SourcePosition position() throws IOException {
    return reader == null || !reader.isOpen() ? start : reader.position();
  }

  private boolean copy(LogSource source, CopyBuffers buffers) throws IOException {
    if (!source.isOpen()) {
      seek(source, buffers);
    }
    for (int round = 0; round < ROUNDS; round++) {
      int read = source.read(buffers.input);
      int used = read == 0 ? 0 : translate(source, buffers, read);
      boolean tooLong = used == 0 && read == buffers.input.length;
      if (used > 0) {
        long before = target.committed();
        append(source, buffers);
        buffers.figures().copied(target.committed() - before);
        source.advance(used);
        moved(source);
      } else if (!(tooLong && buffers.grow()) && !goOn(source, read, buffers)) {
        buffers.trim();
        return false;
      }
    }
    return true;
  }

  private void append(LogSource source, CopyBuffers buffers) throws IOException {
    if (!target.append(buffers.lines)) {
      target.loseTrack();
      reportLoss(source, buffers);
      boolean _ = target.append(buffers.lines);
    }
  }

  /**
   * The oldest record there is will be another one soon: the first move is written down at once.
   */
  private void moved(LogSource source) throws IOException {
    unsaved = true;
    if (start.equals(SourcePosition.OLDEST)) {
      start = source.position();
      write(start);
    }
  }

  private void seek(LogSource source, CopyBuffers buffers) throws IOException {
    if (!source.seek(start)) {
      target.loseTrack();
      reportLoss(source, buffers);
    }
  }

  private int translate(LogSource source, CopyBuffers buffers, int read) throws IOException {
    try {
      int used = buffers.translate(source.kind(), read);
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
  private boolean goOn(LogSource source, int seen, CopyBuffers buffers) throws IOException {
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
  private void reportLoss(LogSource source, CopyBuffers buffers) throws IOException {
    buffers.figures().lost();
    String text =
        "longshore: lines of this log are lost: Docker's spool ran over, at least %d bytes"
            .formatted(Math.max(1, source.lost()));
    log.warn("container {}: {}", id.shortForm(), text);
    say(text, source.position());
  }

  private void say(String text, SourcePosition position) throws IOException {
    byte[] notice = CriLines.notice(clock.instant(), text);
    target.announce(notice);
    write(position); // First: a crash after this leaves out the notice, not lines.
    target.notice(notice);
  }

  private void write(SourcePosition position) throws IOException {
    records.write(id, position.record(target.inode(), target.committed()));
    unsaved = false;
  }
}
