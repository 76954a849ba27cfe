package dev.longshore.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long things take, by label values: a histogram in seconds. A series begins with its first
 * time, and their number must be bounded by the caller. Thread-safe.
 */
public final class Timings implements Source {
  private static final double NANOS = 1e9;
  // From a read of the view to a pull of a large image.
  private static final List<Double> BOUNDS =
      List.of(
          0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
          300.0);

  private final Family family;
  private final Map<List<String>, Series> series = new ConcurrentHashMap<>();

  /** {@code family} is a histogram. */
  public Timings(Family family) {
    this.family = family;
  }

  /** Notes that something took so many nanoseconds. */
  public void took(long nanos, String... labelValues) {
    Series one = series.computeIfAbsent(List.of(labelValues), _ -> new Series());
    double seconds = nanos / NANOS;
    int bucket = 0;
    while (bucket < BOUNDS.size() && seconds > BOUNDS.get(bucket)) {
      bucket++;
    }
    one.counts.getAndIncrement(bucket);
    one.nanos.add(nanos);
  }

  @Override
  public void writeTo(Exposition out) {
    out.family(family);
    series.forEach(
        (labels, one) -> {
          long[] counts = new long[one.counts.length()];
          for (int i = 0; i < counts.length; i++) {
            counts[i] = one.counts.get(i);
          }
          out.histogram(family, labels, BOUNDS, counts, one.nanos.sum() / NANOS);
        });
  }

  private static final class Series {
    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.size() + 1);
    private final LongAdder nanos = new LongAdder();
  }
}
