package dev.longshore.rpc;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The way to a caller who is told several messages. Nothing is piled up for a caller who reads
 * slowly: the sender waits instead. One sender; {@link #abort} may come from any thread.
 */
final class Outbound<R> {
  // Whichever comes first. Clients take 16 MiB, some only gRPC's own 4 MiB.
  private static final int MOST_ITEMS = 500;
  private static final int MOST_BYTES = 1 << 20;

  private final ServerCallStreamObserver<R> caller;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable CriException aborted;

  /** Must be made before the call's method returns: gRPC takes handlers no later. */
  Outbound(ServerCallStreamObserver<R> caller) {
    this.caller = caller;
    caller.setOnReadyHandler(this::wake);
  }

  /**
   * Sends one message, once the caller has read enough of those before.
   *
   * @throws CriException TIMED_OUT at the deadline, or what {@link #abort} was given
   */
  void send(R message, Deadline deadline) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!caller.isReady() && aborted == null) {
        if (!changed.await(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
          throw new CriException(
              Kind.TIMED_OUT, "the caller did not read what it was sent within its time");
        }
      }
      if (aborted != null) {
        throw aborted;
      }
    } finally {
      lock.unlock();
    }
    caller.onNext(message);
  }

  /**
   * Sends all items, as many to a message as fit well; no message when there is none.
   *
   * @param bytes the size of an item
   */
  <T> void sendAll(
      List<T> items, ToIntFunction<T> bytes, Function<List<T>, R> message, Deadline deadline)
      throws InterruptedException {
    List<T> part = new ArrayList<>();
    long size = 0;
    for (T item : items) {
      int more = bytes.applyAsInt(item);
      if (!part.isEmpty() && (part.size() == MOST_ITEMS || size + more > MOST_BYTES)) {
        send(message.apply(part), deadline);
        part.clear();
        size = 0;
      }
      part.add(item);
      size += more;
    }
    if (!part.isEmpty()) {
      send(message.apply(part), deadline);
    }
  }

  /** Makes the send under way, or the next, fail so. */
  void abort(CriException reason) {
    lock.lock();
    try {
      aborted = reason;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
