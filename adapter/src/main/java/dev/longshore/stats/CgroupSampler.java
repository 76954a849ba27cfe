package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.kernel.CgroupPaths;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.CpuUsage;
import dev.longshore.kernel.InterfaceUse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Reads the cgroups of running containers and pods, and the traffic of pods, each at most once a
 * second however many callers ask. Whoever asks while a sweep is under way waits for it and shares
 * it; a container nobody has looked at yet is read at once. Holds one sample and the cgroup's
 * folders per run that is under way. Thread-safe.
 */
public final class CgroupSampler {
  private static final Duration MAX_AGE = Duration.ofSeconds(1);
  private static final Duration LONGEST_SWEEP = Duration.ofSeconds(5);

  private final CgroupReader cgroups;
  private final InstantSource wallClock;
  private final LongSupplier nanoClock;
  // Held while files are read: to wait for it is to join the sweep.
  private final ReentrantLock sweeping = new ReentrantLock();
  private volatile Map<Run, Look> looks = Map.of();

  public CgroupSampler(CgroupReader cgroups) {
    this(cgroups, InstantSource.system(), System::nanoTime);
  }

  /** With clocks of the caller's; {@code nanoClock} is monotonic. */
  CgroupSampler(CgroupReader cgroups, InstantSource wallClock, LongSupplier nanoClock) {
    this.cgroups = cgroups;
    this.wallClock = wallClock;
    this.nanoClock = nanoClock;
  }

  /**
   * Samples of those runs, none older than a second; runs whose cgroup has vanished are left out.
   *
   * @param alive all runs that are under way; what is known of others is forgotten
   * @throws CriException TIMED_OUT when another caller's sweep does not end, CANCELLED when the
   *     thread is interrupted while it waits for one
   */
  Map<ContainerId, Sample> sample(Collection<Run> wanted, Supplier<Set<Run>> alive) {
    Map<Run, Look> known = looks;
    if (!areFresh(wanted, known)) {
      known = join(wanted, alive);
    }
    Map<ContainerId, Sample> samples = HashMap.newHashMap(wanted.size());
    for (Run run : wanted) {
      Look look = known.get(run);
      if (look != null) {
        look.sample.ifPresent(sample -> samples.put(run.id(), sample));
      }
    }
    return samples;
  }

  /** How many runs something is remembered of. */
  int size() {
    return looks.size();
  }

  private Map<Run, Look> join(Collection<Run> wanted, Supplier<Set<Run>> alive) {
    lock(Deadline.in(LONGEST_SWEEP));
    try {
      Map<Run, Look> known = looks;
      if (!areFresh(wanted, known)) {
        known = sweep(wanted, known, alive.get());
        looks = known;
      }
      return known;
    } finally {
      sweeping.unlock();
    }
  }

  private Map<Run, Look> sweep(Collection<Run> wanted, Map<Run, Look> known, Set<Run> alive) {
    Map<Run, Look> next = new HashMap<>(known);
    next.keySet().retainAll(alive);
    for (Run run : wanted) {
      Optional<Look> before = Optional.ofNullable(known.get(run));
      if (before.isEmpty() || !isFresh(before.get())) {
        next.put(run, look(run, before));
      }
    }
    return next;
  }

  private Look look(Run run, Optional<Look> before) {
    Optional<CgroupPaths> paths = before.flatMap(Look::paths).or(() -> find(run));
    List<InterfaceUse> interfaces =
        run.network() ? cgroups.interfaces(run.pid(), run.id().value()) : List.of();
    long at = nanoClock.getAsLong();
    var time = wallClock.instant();
    Optional<Sample> sample =
        paths
            .flatMap(cgroups::usage)
            .map(usage -> new Sample(time, usage, rate(before, usage.cpu(), at), interfaces));
    return new Look(sample.isPresent() ? paths : Optional.empty(), at, sample);
  }

  private Optional<CgroupPaths> find(Run run) {
    Optional<CgroupPaths> own = cgroups.find(run.pid(), run.id().value());
    return run.pod() ? own.map(CgroupPaths::parents) : own;
  }

  private static OptionalLong rate(Optional<Look> before, CpuUsage now, long at) {
    Optional<Sample> old = before.flatMap(Look::sample);
    long elapsed = at - before.map(Look::at).orElse(at);
    if (old.isEmpty() || elapsed <= 0) {
      return OptionalLong.empty();
    }
    long used = now.totalNanos() - old.get().usage().cpu().totalNanos();
    double perSecond = (double) used / elapsed * TimeUnit.SECONDS.toNanos(1);
    return used < 0 ? OptionalLong.empty() : OptionalLong.of(Math.round(perSecond));
  }

  private boolean areFresh(Collection<Run> wanted, Map<Run, Look> known) {
    for (Run run : wanted) {
      Look look = known.get(run);
      if (look == null || !isFresh(look)) {
        return false;
      }
    }
    return true;
  }

  private boolean isFresh(Look look) {
    return nanoClock.getAsLong() - look.at < MAX_AGE.toNanos();
  }

  private void lock(Deadline deadline) {
    try {
      if (!sweeping.tryLock(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new CriException(
            Kind.TIMED_OUT,
            "stats of containers: another caller's reading of cgroup files did not end within %d s;"
                    .formatted(LONGEST_SWEEP.toSeconds())
                + " the kernel holds it up, see the adapter's threads");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(
          Kind.CANCELLED, "the caller went away while stats of containers were read", e);
    }
  }

  /**
   * One look at a run.
   *
   * @param paths empty when there is no cgroup to be found
   * @param at on the monotonic clock, nanoseconds
   * @param sample empty when there was nothing to read
   */
  private record Look(Optional<CgroupPaths> paths, long at, Optional<Sample> sample) {}
}
