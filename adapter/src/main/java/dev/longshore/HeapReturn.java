package dev.longshore;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Gives memory back after a rush. The serial collector lets the old generation grow towards its
 * limit before it looks at it, and shrinks it only when it does; so it is asked to look whenever
 * the heap has grown by {@link #GROWTH} since it last did. With some 10 MB of live objects that
 * stops the process for about 50 ms, at most once in {@link #PAUSE}, and never on a quiet node.
 */
final class HeapReturn {
  /** Bytes. */
  static final long GROWTH = 4L << 20;

  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final LongSupplier committed;
  private final Runnable collect;
  private long left;

  /**
   * @param committed bytes of heap that are taken from the machine
   * @param collect makes the collector look at all of the heap
   */
  HeapReturn(LongSupplier committed, Runnable collect) {
    this.committed = committed;
    this.collect = collect;
    this.left = committed.getAsLong();
  }

  /** Watches this process's heap until the returned thread is interrupted. */
  static Thread watch() {
    Runtime runtime = Runtime.getRuntime();
    HeapReturn heap = new HeapReturn(runtime::totalMemory, runtime::gc);
    return Thread.ofVirtual().name("heap").start(heap::lookNowAndThen);
  }

  private void lookNowAndThen() {
    try {
      while (true) {
        Thread.sleep(PAUSE);
        look();
      }
    } catch (InterruptedException e) {
      // The process ends.
    }
  }

  /** Collects if the heap has grown. */
  void look() {
    if (committed.getAsLong() - left >= GROWTH) {
      collect.run();
      left = committed.getAsLong();
    }
  }
}
