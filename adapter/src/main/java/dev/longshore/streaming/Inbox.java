package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client sent on one stream and nobody has taken yet. Filled on the event loop, emptied by
 * one virtual thread; the connection's {@link Intake} stops the client when too much lies here.
 * Buffers belong to whoever took them.
 */
final class Inbox {
  private final Intake intake;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
  private boolean ended;
  private boolean unwanted;

  Inbox(Intake intake) {
    this.intake = intake;
  }

  /** Takes ownership of the buffer. */
  void offer(ByteBuf data) {
    lock.lock();
    try {
      if (!ended && !unwanted && data.isReadable()) {
        waiting.add(data);
        intake.add(data.readableBytes());
        changed.signalAll();
        return;
      }
    } finally {
      lock.unlock();
    }
    data.release();
  }

  /** No more will come; what is here can still be taken. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether no more will come. */
  boolean isEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Drops what is here and all that comes: nobody reads this any more. */
  void discard() {
    lock.lock();
    try {
      unwanted = true;
      ended = true;
      for (ByteBuf data : waiting) {
        intake.remove(data.readableBytes());
        data.release();
      }
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for data; empty at the end of the stream. */
  Optional<ByteBuf> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !ended) {
        changed.await();
      }
      ByteBuf data = waiting.poll();
      if (data == null) {
        return Optional.empty();
      }
      intake.remove(data.readableBytes());
      return Optional.of(data);
    } finally {
      lock.unlock();
    }
  }
}
