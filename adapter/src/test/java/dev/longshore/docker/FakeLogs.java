package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What the containers of a fake daemon have written. Thread-safe. */
final class FakeLogs {
  private final FakeFaults faults;
  private final Map<ContainerId, List<LogPiece>> written = new HashMap<>();
  private int connection;

  FakeLogs(FakeFaults faults) {
    this.faults = faults;
  }

  void print(ContainerId id, LogPiece piece) {
    synchronized (this) {
      written.computeIfAbsent(id, _ -> new ArrayList<>()).add(piece);
    }
    faults.wakeUp();
  }

  /** Ends every answer that is open, as a daemon that restarts. */
  void disconnect() {
    synchronized (this) {
      connection++;
    }
    faults.wakeUp();
  }

  /**
   * {@code ended} tells whether the container has, without a lock: it is asked while others wait
   * for that of the faults. Then all that is there is all there is.
   */
  void follow(ContainerId id, Instant since, Consumer<LogPiece> sink, BooleanSupplier ended) {
    int mine = connection();
    long nanos = TimeUnit.SECONDS.toNanos(since.getEpochSecond()) + since.getNano();
    int next = 0;
    while (true) {
      int from = next;
      faults.await(
          "followLogs",
          Deadline.never(),
          () -> connection() != mine || count(id) > from || ended.getAsBoolean());
      if (connection() != mine) {
        throw new CriException(Kind.UNAVAILABLE, "Docker's answer ended");
      }
      if (count(id) == from) {
        return;
      }
      LogPiece piece = piece(id, next++);
      if (piece.timeNanos() >= nanos) {
        sink.accept(piece);
      }
    }
  }

  private synchronized int connection() {
    return connection;
  }

  private synchronized int count(ContainerId id) {
    return written.getOrDefault(id, List.of()).size();
  }

  private synchronized LogPiece piece(ContainerId id, int index) {
    return written.getOrDefault(id, List.of()).get(index);
  }
}
