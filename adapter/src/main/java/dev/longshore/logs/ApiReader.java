package dev.longshore.logs;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.LogPiece;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads output from Docker's API, for drivers that keep no file: on a thread of its own, from the
 * time of the last record on, and again whenever the answer ends before the container has. Holds
 * half a megabyte at most; then Docker waits. Of records with the same time so many are left out as
 * were read before.
 */
final class ApiReader implements LogSource {
  private static final int MOST_WAITING = 512 * 1024;
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final DockerEngine engine;
  private final ContainerId id;
  private final Runnable onChange;
  private final Runnable onUnreadable;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private SourcePosition received = SourcePosition.inApi(0, 0);
  private SourcePosition consumed = received;
  private @Nullable Thread thread;
  private @Nullable Skip reading;
  private @Nullable String failure;
  private boolean ending;
  private boolean whole;

  /**
   * A reader that has not begun.
   *
   * @param onChange called when there is more to read, or the end has been reached
   * @param onUnreadable called when Docker says that the driver cannot be read
   */
  ApiReader(DockerEngine engine, ContainerId id, Runnable onChange, Runnable onUnreadable) {
    this.engine = engine;
    this.id = id;
    this.onChange = onChange;
    this.onUnreadable = onUnreadable;
  }

  @Override
  public RecordFormat.Kind kind() {
    return RecordFormat.Kind.PIECES;
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return thread != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean seek(SourcePosition position) {
    close();
    lock.lock();
    try {
      received = position.isInApi() ? position : SourcePosition.inApi(0, 0);
      consumed = received;
      whole = false;
      failure = null;
      thread = Thread.ofVirtual().name("container-log-" + id.shortForm()).start(this::follow);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void seekEnd() {
    throw new UnsupportedOperationException("no log is a link into Docker's API");
  }

  @Override
  public SourcePosition position() {
    lock.lock();
    try {
      return consumed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read(byte[] buffer) {
    lock.lock();
    try {
      int length = 0;
      for (Waiting next : waiting) {
        int fits = Math.min(next.record.length, buffer.length - length);
        System.arraycopy(next.record, 0, buffer, length, fits);
        length += fits;
        if (length == buffer.length) {
          break;
        }
      }
      return length;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void advance(long bytes) {
    lock.lock();
    try {
      long left = bytes;
      while (left > 0) {
        Waiting done = waiting.removeFirst();
        left -= done.record.length;
        waitingBytes -= done.record.length;
        consumed = consumed.after(done.timeNanos);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long remaining() {
    lock.lock();
    try {
      return waitingBytes;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Next next(int seen) throws IOException {
    lock.lock();
    try {
      if (waitingBytes > seen) {
        return Next.MORE;
      }
      if (failure != null) {
        throw new IOException(failure);
      }
      return Next.NOTHING;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long lost() {
    return 0;
  }

  @Override
  public void ending() {
    lock.lock();
    try {
      ending = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isWhole() {
    lock.lock();
    try {
      return whole;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Path> plainFile() {
    return Optional.empty();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (thread != null) {
        thread.interrupt();
        thread = null;
        reading = null;
      }
      waiting.clear();
      waitingBytes = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    try {
      Thread mine = Thread.currentThread();
      boolean last = isEnding();
      while (!followOnce(mine, last)) {
        pause(last);
        last = isEnding();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    }
  }

  /**
   * Reads one answer to its end; false when the rest has to be asked for again.
   *
   * @param last whether this answer has it all, since the container has ended before
   */
  private boolean followOnce(Thread mine, boolean last) throws InterruptedException {
    Skip skip;
    lock.lockInterruptibly();
    try {
      if (thread != mine) {
        throw new InterruptedException();
      }
      skip = new Skip(received);
      reading = skip;
    } finally {
      lock.unlock();
    }
    try {
      engine.followLogs(id, skip.since(), piece -> accept(piece, skip));
      return last && ended();
    } catch (CriException e) {
      return switch (e.kind()) {
        case CANCELLED -> throw new InterruptedException();
        case NOT_FOUND -> ended();
        case UNSUPPORTED -> {
          onUnreadable.run();
          yield ended();
        }
        case UNAVAILABLE -> false; // Told for the whole node.
        default -> failed(e);
      };
    }
  }

  private boolean ended() {
    lock.lock();
    try {
      whole = true;
    } finally {
      lock.unlock();
    }
    onChange.run();
    return true;
  }

  private boolean failed(CriException e) {
    lock.lock();
    try {
      failure = e.getMessage();
    } finally {
      lock.unlock();
    }
    onChange.run();
    return false;
  }

  private boolean isEnding() {
    lock.lock();
    try {
      return ending;
    } finally {
      lock.unlock();
    }
  }

  /** Cut short by the container's end: somebody waits for its last lines then. */
  private void pause(boolean last) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = PAUSE_NANOS;
      while (left > 0 && (last || !ending)) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void accept(LogPiece piece, Skip skip) {
    if (skip.covers(piece.timeNanos())) {
      return;
    }
    lock.lock();
    try {
      while (reading == skip && waitingBytes >= MOST_WAITING) {
        changed.await();
      }
      if (reading != skip) {
        throw new CriException(Kind.CANCELLED, "the log is not read here any more");
      }
      Waiting next = new Waiting(PieceRecords.encode(piece), piece.timeNanos());
      waiting.add(next);
      waitingBytes += next.record.length;
      received = received.after(piece.timeNanos());
      failure = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "the log is not read any more", e);
    } finally {
      lock.unlock();
    }
    onChange.run();
  }

  @SuppressWarnings("ArrayRecordComponent") // Its bytes are read here only.
  private record Waiting(byte[] record, long timeNanos) {}

  /** What an answer repeats of the one before. One thread. */
  private static final class Skip {
    private final long timeNanos;
    private long left;
    private boolean passed;

    Skip(SourcePosition received) {
      timeNanos = received.offset();
      left = received.headLength();
    }

    Instant since() {
      return Instant.ofEpochSecond(0, timeNanos);
    }

    boolean covers(long time) {
      if (passed || time > timeNanos || (time == timeNanos && left == 0)) {
        passed = true; // From here on nothing is old, though it may be out of order.
        return false;
      }
      if (time == timeNanos) {
        left--;
      }
      return true;
    }
  }
}
