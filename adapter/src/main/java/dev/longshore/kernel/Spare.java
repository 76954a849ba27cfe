package dev.longshore.kernel;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Keeps work to a tenth of the time: ten milliseconds of it are followed by ninety of rest. One
 * thread.
 */
public final class Spare implements TreeUse.Pace {
  private static final long SLICE_NANOS = Duration.ofMillis(10).toNanos();
  private static final int REST = 9;
  private static final long LONGEST_NANOS = Duration.ofSeconds(30).toNanos();
  // The clock need not be read for each file.
  private static final int STEPS = 32;

  private final LongSupplier nanoClock;
  private final Rest rest;
  private long sliceNanos;
  private long workNanos;
  private long since;
  private int steps;

  public Spare(LongSupplier nanoClock, Rest rest) {
    this.nanoClock = nanoClock;
    this.rest = rest;
  }

  /** Sleeps. */
  @FunctionalInterface
  public interface Rest {
    void sleep(Duration time) throws InterruptedException;
  }

  /** Something new is begun. */
  public void begin() {
    workNanos = 0;
    since = nanoClock.getAsLong();
  }

  /** Rests when it is time to; gives up what takes more than half a minute of work. */
  @Override
  public void step() throws IOException, InterruptedException {
    steps++;
    if (steps % STEPS == 0) {
      end();
      if (workNanos > LONGEST_NANOS) {
        throw new IOException("too much to look at");
      }
    }
  }

  /** Nanoseconds of work since {@link #begin}; rests when it is time to. */
  public long end() throws InterruptedException {
    long now = nanoClock.getAsLong();
    workNanos += now - since;
    sliceNanos += now - since;
    if (sliceNanos >= SLICE_NANOS) {
      rest.sleep(Duration.ofNanos(sliceNanos * REST));
      sliceNanos = 0;
    }
    since = nanoClock.getAsLong();
    return workNanos;
  }
}
