package dev.longshore.logs;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The threads that copy: few and of the platform, since reading and writing files would hold the
 * carriers of virtual ones. Work is done in the order it came; what has more to do queues up again.
 */
final class CopyThreads implements AutoCloseable {
  private static final int THREADS = 2;
  private static final long STOP_SECONDS = 5;

  private final ThreadLocal<CopyBuffers> buffers;
  private final ScheduledThreadPoolExecutor pool;

  /** {@code figures} count what these threads do. */
  CopyThreads(LogFigures figures) {
    buffers = ThreadLocal.withInitial(() -> new CopyBuffers(figures));
    pool =
        new ScheduledThreadPoolExecutor(
            THREADS, Thread.ofPlatform().daemon().name("container-logs-", 0).factory());
    pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Has something done with the buffers of whichever thread does it. */
  void execute(Consumer<CopyBuffers> work) {
    execute(work, Duration.ZERO);
  }

  /** The same, after some time. After the close, nothing. */
  void execute(Consumer<CopyBuffers> work, Duration delay) {
    try {
      var _ =
          pool.schedule(() -> work.accept(buffers.get()), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException _) {
      // Closed: the next process goes on.
    }
  }

  /** Waits until what is being done is done. */
  @Override
  public void close() {
    pool.shutdown();
    try {
      boolean _ = pool.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
