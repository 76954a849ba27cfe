package dev.longshore.stats;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was read of each run that is under way, each at most once a second however many callers ask.
 * Whoever asks while a sweep is under way waits for it and shares it; a run nobody has looked at
 * yet is read at once. Thread-safe.
 */
final class Sweep<V> {
  private static final Duration MAX_AGE = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final Reading<V> reading;
  private final Consumer<V> release;
  private final LongSupplier nanoClock;
  // Held while files are read: to wait for it is to join the sweep.
  private final ReentrantLock sweeping = new ReentrantLock();
  private volatile Map<Run, Look<V>> looks = Map.of();

  /**
   * {@code nanoClock} is monotonic.
   *
   * @param release gives back what a reading that is forgotten holds
   */
  Sweep(Reading<V> reading, Consumer<V> release, LongSupplier nanoClock) {
    this.reading = reading;
    this.release = release;
    this.nanoClock = nanoClock;
  }

  /** Reads one run; one call at a time. */
  @FunctionalInterface
  interface Reading<V> {
    /** Empty when there is nothing to be read; {@code before} is what the last look gave. */
    Optional<V> read(Run run, Optional<V> before);
  }

  /**
   * What is known of those runs, none of it older than a second; runs that nothing can be read of
   * are left out.
   *
   * @param alive all runs that are under way; what is known of others is forgotten
   * @throws CriException TIMED_OUT when another caller's sweep does not end, CANCELLED when the
   *     thread is interrupted while it waits for one
   */
  Map<Run, V> get(Collection<Run> wanted, Supplier<Set<Run>> alive) {
    Map<Run, Look<V>> known = looks;
    if (!areFresh(wanted, known)) {
      known = join(wanted, alive);
    }
    Map<Run, V> values = HashMap.newHashMap(wanted.size());
    for (Run run : wanted) {
      Look<V> look = known.get(run);
      if (look != null) {
        look.value.ifPresent(value -> values.put(run, value));
      }
    }
    return values;
  }

  /**
   * Forgets a run that is over, unless a sweep is under way: then the next does so. Does not wait.
   */
  void forget(Run over) {
    if (!sweeping.tryLock()) {
      return;
    }
    try {
      if (looks.containsKey(over)) {
        Map<Run, Look<V>> next = new HashMap<>(looks);
        release(next.remove(over));
        looks = next;
      }
    } finally {
      sweeping.unlock();
    }
  }

  /** How many runs something is remembered of. */
  int size() {
    return looks.size();
  }

  private Map<Run, Look<V>> join(Collection<Run> wanted, Supplier<Set<Run>> alive) {
    lock(Deadline.in(LONGEST));
    try {
      Map<Run, Look<V>> known = looks;
      if (!areFresh(wanted, known)) {
        known = sweep(wanted, known, alive.get());
        looks = known;
      }
      return known;
    } finally {
      sweeping.unlock();
    }
  }

  private Map<Run, Look<V>> sweep(Collection<Run> wanted, Map<Run, Look<V>> known, Set<Run> alive) {
    Map<Run, Look<V>> next = new HashMap<>(known);
    known.forEach(
        (run, look) -> {
          if (!alive.contains(run)) {
            release(next.remove(run));
          }
        });
    for (Run run : wanted) {
      Optional<Look<V>> before = Optional.ofNullable(known.get(run));
      if (before.isEmpty() || !isFresh(before.get())) {
        Optional<V> value = reading.read(run, before.flatMap(Look::value));
        next.put(run, new Look<>(value, nanoClock.getAsLong()));
      }
    }
    return next;
  }

  private void release(@Nullable Look<V> look) {
    if (look != null) {
      look.value.ifPresent(release);
    }
  }

  private boolean areFresh(Collection<Run> wanted, Map<Run, Look<V>> known) {
    for (Run run : wanted) {
      Look<V> look = known.get(run);
      if (look == null || !isFresh(look)) {
        return false;
      }
    }
    return true;
  }

  private boolean isFresh(Look<V> look) {
    return nanoClock.getAsLong() - look.at < MAX_AGE.toNanos();
  }

  private void lock(Deadline deadline) {
    try {
      if (!sweeping.tryLock(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new CriException(
            Kind.TIMED_OUT,
            "stats of containers: another caller's reading of cgroup files did not end within %d s;"
                    .formatted(LONGEST.toSeconds())
                + " the kernel holds it up, see the adapter's threads");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(
          Kind.CANCELLED, "the caller went away while stats of containers were read", e);
    }
  }

  /** One look at a run; {@code at} is on the monotonic clock, nanoseconds. */
  private record Look<V>(Optional<V> value, long at) {}
}
