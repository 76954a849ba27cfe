package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
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

  /**
   * Hands on all that comes until the stream ends, and waits for it.
   *
   * @throws IOException of the sink
   */
  void drainTo(Sink sink) throws IOException, InterruptedException {
    Optional<ByteBuf> data = take();
    while (data.isPresent()) {
      ByteBuf buffer = data.get();
      try {
        for (ByteBuffer part : buffer.nioBuffers()) {
          sink.write(part);
        }
      } finally {
        buffer.release();
      }
      data = take();
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

  /** Takes all that remains in a buffer, which is not its own afterwards. */
  @FunctionalInterface
  interface Sink {
    void write(ByteBuffer bytes) throws IOException;
  }
}
