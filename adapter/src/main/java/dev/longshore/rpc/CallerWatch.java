package dev.longshore.rpc;

import io.grpc.Context;
import java.util.concurrent.TimeoutException;

/**
 * Interrupts the thread of a call when its caller goes away or its deadline passes, until closed.
 * Listens to the call's {@link Context}, which gRPC cancels at once, on the event loop: its
 * callbacks would wait for the handler to end.
 */
final class CallerWatch implements AutoCloseable {
  private final Context context;
  private final Thread thread;
  private final Context.CancellationListener listener = _ -> cancelled();
  private boolean over;

  private CallerWatch(Context context, Thread thread) {
    this.context = context;
    this.thread = thread;
  }

  /** Watches the caller of the current call, on behalf of the current thread. */
  static CallerWatch begin(Context context) {
    CallerWatch watch = new CallerWatch(context, Thread.currentThread());
    context.addListener(watch.listener, Runnable::run);
    return watch;
  }

  /** Whether the caller's deadline is what ended the call. */
  static boolean timedOut(Context context) {
    return context.isCancelled() && context.cancellationCause() instanceof TimeoutException;
  }

  private synchronized void cancelled() {
    if (!over) {
      thread.interrupt();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    context.removeListener(listener);
    // What was meant for this call must not reach what the thread does next.
    Thread.interrupted();
  }
}
