package dev.longshore.common;

import dev.longshore.common.CriException.Kind;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One lock per key, there as long as somebody holds or awaits it. Holders of different keys never
 * wait for each other; a thread may take a key again that it holds. Thread-safe.
 *
 * @param <K> what is locked
 */
public final class KeyedLocks<K> {
  private final ConcurrentHashMap<K, Entry> entries = new ConcurrentHashMap<>();
  private final String what;

  /** {@code what} names the keys in messages: "sandbox". */
  public KeyedLocks(String what) {
    this.what = what;
  }

  /**
   * Takes the lock of {@code key}; the caller closes the answer on the same thread.
   *
   * @throws CriException TIMED_OUT when {@code deadline} passes first, CANCELLED when the thread is
   *     interrupted
   */
  public Held lock(K key, Deadline deadline) {
    Entry entry = enter(key);
    boolean taken = false;
    try {
      taken = entry.lock.tryLock(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(
          Kind.CANCELLED, "the caller went away while %s %s was busy".formatted(what, key), e);
    } finally {
      if (!taken) {
        leave(key);
      }
    }
    if (!taken) {
      throw new CriException(
          Kind.TIMED_OUT,
          "%s %s is busy with another call, which did not end in time; try again"
              .formatted(what, key));
    }
    return () -> {
      entry.lock.unlock();
      leave(key);
    };
  }

  /** How many keys are held or awaited. */
  public int size() {
    return entries.size();
  }

  private Entry enter(K key) {
    return entries.compute(
        key,
        (k, found) -> {
          Entry entry = found == null ? new Entry() : found;
          entry.users++;
          return entry;
        });
  }

  private void leave(K key) {
    entries.computeIfPresent(key, (k, entry) -> --entry.users == 0 ? null : entry);
  }

  /** A lock that is held. */
  @FunctionalInterface
  public interface Held extends AutoCloseable {
    @Override
    void close();
  }

  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock();
    private int users;
  }
}
