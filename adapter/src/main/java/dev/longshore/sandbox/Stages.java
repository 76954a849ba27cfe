package dev.longshore.sandbox;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** At which stage RunPodSandbox is, for each sandbox that is being made. Thread-safe. */
final class Stages implements Source {
  private static final double NANOS = 1e9;
  private static final Family SANDBOXES =
      Family.gauge(
          "longshore_creating_sandboxes", "sandboxes", "Sandboxes that are being made", "stage");
  private static final Family AGE =
      Family.gauge(
          "longshore_creating_stage_age_seconds",
          "seconds",
          "How long the one that has been at the stage for longest has been there",
          "stage");

  private final LongSupplier clock;
  private final Set<Progress> all = ConcurrentHashMap.newKeySet();

  /** {@code clock} tells nanoseconds. */
  Stages(LongSupplier clock) {
    this.clock = clock;
  }

  /** A sandbox is being made until the answer is closed. */
  Progress begin() {
    Progress begun = new Progress();
    all.add(begun);
    return begun;
  }

  @Override
  public void writeTo(Exposition out) {
    Map<String, Integer> counts = new TreeMap<>();
    Map<String, Double> ages = new TreeMap<>();
    for (Progress one : all) {
      At at = one.at;
      counts.merge(at.stage, 1, Integer::sum);
      ages.merge(at.stage, (clock.getAsLong() - at.since) / NANOS, Math::max);
    }
    out.family(SANDBOXES);
    counts.forEach((stage, count) -> out.sample(SANDBOXES, List.of(stage), count));
    out.family(AGE);
    ages.forEach((stage, age) -> out.sample(AGE, List.of(stage), age));
  }

  private record At(String stage, long since) {}

  /** Where one sandbox is; told by one thread. */
  final class Progress implements AutoCloseable {
    private volatile At at = new At("begin", clock.getAsLong());

    void reached(String stage) {
      at = new At(stage, clock.getAsLong());
    }

    @Override
    public void close() {
      all.remove(this);
    }
  }
}
