package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The event stream of a fake daemon: like the real one it remembers the last 256 events and gives
 * each a later time than the one before. Thread-safe.
 */
final class FakeEvents {
  private static final int REMEMBERED = 256;

  private final FakeFaults faults;
  private final List<EngineEvent> events = new ArrayList<>();
  private final AtomicInteger followers = new AtomicInteger();
  private long lastNanos;
  private int connection;

  FakeEvents(FakeFaults faults) {
    this.faults = faults;
  }

  void emit(EngineEvent.Type type, String action, String id, Map<String, String> attributes) {
    synchronized (this) {
      events.add(new EngineEvent(type, action, id, attributes, nextNanos()));
    }
    faults.wakeUp();
  }

  /** A time later than every one given before. */
  synchronized Instant tick() {
    long nanos = nextNanos();
    return Instant.ofEpochSecond(nanos / 1_000_000_000L, nanos % 1_000_000_000L);
  }

  /** Ends every stream that is open. */
  void disconnect() {
    synchronized (this) {
      connection++;
    }
    faults.wakeUp();
  }

  /** How many streams are open now. */
  int followers() {
    return followers.get();
  }

  void follow(Instant since, Runnable opened, Consumer<EngineEvent> sink) {
    faults.enter("events", "", Deadline.never());
    int mine = connection();
    int next = firstSince(since);
    followers.incrementAndGet();
    try {
      opened.run();
      while (true) {
        int from = next;
        faults.await("events", Deadline.never(), () -> cut(mine) || pending(from));
        if (cut(mine)) {
          throw new CriException(Kind.UNAVAILABLE, "Docker's event stream ended");
        }
        Optional<EngineEvent> event = event(next);
        next++;
        event.ifPresent(sink);
      }
    } finally {
      followers.decrementAndGet();
    }
  }

  private boolean pending(int next) {
    return !faults.hangs("events") && event(next).isPresent();
  }

  private boolean cut(int mine) {
    return connection() != mine || faults.isDown();
  }

  private synchronized int connection() {
    return connection;
  }

  private synchronized Optional<EngineEvent> event(int index) {
    return index < events.size() ? Optional.of(events.get(index)) : Optional.empty();
  }

  private synchronized int firstSince(Instant since) {
    int first = Math.max(0, events.size() - REMEMBERED);
    long nanos = since.getEpochSecond() * 1_000_000_000L + since.getNano();
    while (first < events.size() && events.get(first).timeNanos() < nanos) {
      first++;
    }
    return first;
  }

  private long nextNanos() {
    Instant now = Instant.now();
    lastNanos = Math.max(lastNanos + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
    return lastNanos;
  }
}
