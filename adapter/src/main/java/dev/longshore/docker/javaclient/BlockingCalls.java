package dev.longshore.docker.javaclient;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs blocking calls so that a deadline, or an interrupt of the caller, really ends them. The
 * transport's own timeouts are per client, and its Unix sockets ignore them; but they are NIO
 * channels, which close when the thread that uses them is interrupted. So each call has a virtual
 * thread of its own, to be interrupted when the caller stops waiting.
 */
final class BlockingCalls {
  /** How long a caller waits for the interrupted thread to let go of its connection. */
  private static final Duration LETTING_GO = Duration.ofSeconds(1);

  private BlockingCalls() {}

  /** {@code what} completes the sentence "cannot …"; the work throws only CriExceptions. */
  static <T> T run(String what, Deadline deadline, Callable<T> work) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CriException(Kind.CANCELLED, "cannot " + what + ": the caller went away");
    }
    if (deadline.passed()) {
      throw new CriException(Kind.TIMED_OUT, "cannot " + what + ": no time was left to ask Docker");
    }
    long start = System.nanoTime();
    FutureTask<T> task = new FutureTask<>(work);
    Thread worker = Thread.ofVirtual().name("docker: " + what).start(task);
    try {
      return task.get(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      end(worker);
      throw new CriException(
          Kind.TIMED_OUT,
          "cannot %s: Docker did not answer within %d ms"
              .formatted(what, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)),
          e);
    } catch (InterruptedException e) {
      end(worker);
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "cannot " + what + ": the caller went away", e);
    } catch (ExecutionException e) {
      throw rethrown(what, e);
    }
  }

  private static RuntimeException rethrown(String what, ExecutionException e) {
    return switch (e.getCause()) {
      case CriException known -> new CriException(known.kind(), known.getMessage(), known);
      case Error error -> throw error;
      case null, default ->
          new CriException(Kind.INTERNAL, "cannot " + what + ": " + e.getCause(), e);
    };
  }

  /** After this the call's sinks are silent and its connection is closed. */
  private static void end(Thread worker) {
    worker.interrupt();
    boolean interrupted = false;
    long until = System.nanoTime() + LETTING_GO.toNanos();
    while (worker.isAlive() && System.nanoTime() - until < 0) {
      try {
        boolean _ = worker.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
