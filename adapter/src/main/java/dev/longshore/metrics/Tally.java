package dev.longshore.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Whole numbers by label values: a counter, or a gauge that is raised and lowered. A series begins
 * with its first use, and their number must be bounded by the caller. Thread-safe.
 */
public final class Tally implements Source {
  private final Family family;
  private final Map<List<String>, LongAdder> series = new ConcurrentHashMap<>();

  public Tally(Family family) {
    this.family = family;
    if (family.labels().isEmpty()) {
      series.put(List.of(), new LongAdder());
    }
  }

  /** Adds to the series; what is added to a counter is never negative. */
  public void add(long amount, String... labelValues) {
    series.computeIfAbsent(List.of(labelValues), _ -> new LongAdder()).add(amount);
  }

  /** Adds one to the series. */
  public void add(String... labelValues) {
    add(1, labelValues);
  }

  @Override
  public void writeTo(Exposition out) {
    out.family(family);
    series.forEach((labels, value) -> out.sample(family, labels, (double) value.sum()));
  }
}
