package dev.longshore.common;

import java.time.Duration;

/** A point on the monotonic clock by which work must be done. Immutable, thread-safe. */
public final class Deadline {
  private static final Duration FAR = Duration.ofDays(3650);

  private final long nanoTime;

  private Deadline(long nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The deadline this long from now; a negative time has passed already. */
  public static Deadline in(Duration time) {
    Duration bounded = time.compareTo(FAR) > 0 ? FAR : time;
    return new Deadline(System.nanoTime() + bounded.toNanos());
  }

  /** A deadline that no work meets: ten years away. */
  public static Deadline never() {
    return in(FAR);
  }

  /** The time left; zero or negative once the deadline has passed. */
  public Duration left() {
    return Duration.ofNanos(nanoTime - System.nanoTime());
  }

  public boolean passed() {
    return nanoTime - System.nanoTime() <= 0;
  }

  /** This deadline, or the one that long from now if that is sooner. */
  public Deadline atMost(Duration time) {
    Deadline other = in(time);
    return nanoTime - other.nanoTime <= 0 ? this : other;
  }

  @Override
  public String toString() {
    return "in " + left().toMillis() + " ms";
  }
}
