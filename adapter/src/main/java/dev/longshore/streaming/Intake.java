package dev.longshore.streaming;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of one client's data waits to be taken, over all its streams. Above the upper mark the
 * socket is not read, so that the client's own writes block; SPDY's windows are no help, since the
 * clients do not know them.
 */
final class Intake {
  private static final long UPPER = 512 * 1024;
  private static final long LOWER = 128 * 1024;

  /** What a buffer costs beside its bytes: many small ones must not be cheap. */
  private static final long OVERHEAD = 256;

  private final Channel channel;
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicBoolean stopped = new AtomicBoolean();

  Intake(Channel channel) {
    this.channel = channel;
  }

  /** On the event loop. */
  void add(int bytes) {
    if (waiting.addAndGet(bytes + OVERHEAD) > UPPER && stopped.compareAndSet(false, true)) {
      channel.config().setAutoRead(false);
      // All of it may have been taken since the sum was made.
      goOn();
    }
  }

  /** On any thread; the decision is made on the event loop, where {@link #add} makes its own. */
  void remove(int bytes) {
    if (waiting.addAndGet(-bytes - OVERHEAD) < LOWER && stopped.get() && channel.isActive()) {
      channel.eventLoop().execute(this::goOn);
    }
  }

  private void goOn() {
    if (waiting.get() < LOWER && stopped.compareAndSet(true, false)) {
      channel.config().setAutoRead(true);
    }
  }
}
