package dev.longshore.bench;

import java.util.Arrays;

/** Times of one kind of call. Thread-safe. */
final class Samples {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int FIRST_SIZE = 64;

  private long[] nanos = new long[FIRST_SIZE];
  private int count;

  synchronized void add(long time) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = time;
  }

  synchronized int count() {
    return count;
  }

  /**
   * The time in ms that this share of calls did not exceed; NaN without calls.
   *
   * @param share above 0, at most 1
   */
  synchronized double millis(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    int at = (int) Math.ceil(share * count) - 1;
    return sorted[Math.max(0, at)] / NANOS_PER_MILLI;
  }
}
