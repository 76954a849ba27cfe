package dev.longshore.common;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Awaits what other threads bring about; the one place in the tests that polls. */
public final class Eventually {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final long STEP_NANOS = 200_000;

  private Eventually() {}

  /** Returns once the condition holds; fails after 20 seconds, naming what did not happen. */
  public static void until(String what, BooleanSupplier condition) {
    Deadline deadline = Deadline.in(BOUND);
    while (!condition.getAsBoolean()) {
      if (deadline.passed()) {
        throw new AssertionError("did not happen within " + BOUND + ": " + what);
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }
}
