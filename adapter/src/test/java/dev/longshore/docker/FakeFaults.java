package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The call log of a fake daemon, and the ways in which it misbehaves. Thread-safe. */
final class FakeFaults {
  private static final String ALL = "*";

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<String> calls = new ArrayList<>();
  private final Map<String, Deque<CriException>> before = new HashMap<>();
  private final Map<String, Deque<CriException>> after = new HashMap<>();
  private final Set<String> hanging = new HashSet<>();
  private boolean down;

  List<String> calls() {
    return locked(() -> List.copyOf(calls));
  }

  void clearCalls() {
    change(calls::clear);
  }

  void failBefore(String kind, CriException failure) {
    change(() -> before.computeIfAbsent(kind, _ -> new ArrayDeque<>()).add(failure));
  }

  void failAfter(String kind, CriException failure) {
    change(() -> after.computeIfAbsent(kind, _ -> new ArrayDeque<>()).add(failure));
  }

  void hang(String kind) {
    change(() -> hanging.add(kind));
  }

  void hangAll() {
    hang(ALL);
  }

  void resume() {
    change(hanging::clear);
  }

  void down(boolean away) {
    change(() -> down = away);
  }

  boolean isDown() {
    return locked(() -> down);
  }

  boolean hangs(String kind) {
    return locked(() -> hanging.contains(kind) || hanging.contains(ALL));
  }

  /** Logs the call, and fails or waits as the script has it. */
  void enter(String kind, String object, Deadline deadline) {
    change(() -> calls.add(object.isEmpty() ? kind : kind + " " + object));
    if (Thread.currentThread().isInterrupted()) {
      throw new CriException(Kind.CANCELLED, kind + ": the caller went away");
    }
    if (deadline.passed()) {
      throw new CriException(Kind.TIMED_OUT, kind + ": no time left");
    }
    await(kind, deadline, () -> down || !hangs(kind));
    if (isDown()) {
      throw new CriException(
          Kind.UNAVAILABLE, "cannot " + kind + " " + object + ": Docker is away");
    }
    throwNext(before, kind);
  }

  /** Fails after the effect, as when an answer is lost on its way. */
  void leave(String kind) {
    throwNext(after, kind);
  }

  /** Waits until {@code condition} holds; looked at again after every change and wake-up. */
  void await(String kind, Deadline deadline, BooleanSupplier condition) {
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        Duration left = deadline.left();
        if (left.isNegative() || left.isZero()) {
          throw new CriException(Kind.TIMED_OUT, kind + ": Docker did not answer in time");
        }
        boolean _ = changed.await(left.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, kind + ": the caller went away", e);
    } finally {
      lock.unlock();
    }
  }

  /** Lets every waiter look again. */
  void wakeUp() {
    change(() -> {});
  }

  private void throwNext(Map<String, Deque<CriException>> script, String kind) {
    lock.lock();
    try {
      Deque<CriException> planned = script.get(kind);
      if (planned != null && !planned.isEmpty()) {
        throw planned.removeFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  private void change(Runnable action) {
    lock.lock();
    try {
      action.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private <T> T locked(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }
}
