package dev.longshore.common;

import dev.longshore.common.CriException.Kind;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Joins callers who ask for the same work at the same time. The work runs on a virtual thread of
 * its own, so a caller that gives up does not end what its retry will ask for; it must bound
 * itself. Thread-safe.
 *
 * @param <K> what makes two requests the same
 * @param <V> the result they share
 */
public final class InFlight<K, V> {
  private final ConcurrentHashMap<K, FutureTask<V>> running = new ConcurrentHashMap<>();
  private final String what;

  /** {@code what} names the work in messages: "pull of image". */
  public InFlight(String what) {
    this.what = what;
  }

  /**
   * The result of the work for {@code key}: that in flight, or {@code work} started now.
   *
   * @throws CriException TIMED_OUT when {@code deadline} passes first, CANCELLED when the caller is
   *     interrupted; both leave the work running. What the work throws is thrown here.
   */
  public V join(K key, Deadline deadline, Callable<V> work) {
    FutureTask<V> mine = new FutureTask<>(Trace.carried(() -> runOnce(key, work)));
    FutureTask<V> first = running.putIfAbsent(key, mine);
    if (first == null) {
      Thread.ofVirtual().name(what + " " + key).start(mine);
    }
    return await(key, first == null ? mine : first, deadline);
  }

  /** How many pieces of work are under way. */
  public int size() {
    return running.size();
  }

  // Out of the map before anybody sees the result: a caller who comes after that starts anew, and
  // never gets the failure of a run that had ended before it asked.
  private V runOnce(K key, Callable<V> work) throws Exception {
    try {
      return work.call();
    } finally {
      running.remove(key);
    }
  }

  private V await(K key, FutureTask<V> task, Deadline deadline) {
    try {
      return task.get(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new CriException(
          Kind.TIMED_OUT,
          "%s %s did not finish before the caller's deadline; it goes on, and a retry joins it"
              .formatted(what, key),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(
          Kind.CANCELLED,
          "the caller of %s %s went away; the work goes on, and a retry joins it"
              .formatted(what, key),
          e);
    } catch (ExecutionException e) {
      throw unwrap(key, e.getCause());
    }
  }

  private RuntimeException unwrap(K key, @Nullable Throwable cause) {
    return switch (cause) {
      case CriException known -> new CriException(known.kind(), known.getMessage(), known);
      case Error error -> throw error;
      case null, default ->
          new CriException(Kind.INTERNAL, "%s %s failed: %s".formatted(what, key, cause), cause);
    };
  }
}
