package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.kernel.Cgroup;
import dev.longshore.kernel.CgroupPaths;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.CgroupUsage;
import dev.longshore.kernel.CpuUsage;
import dev.longshore.kernel.InterfaceUse;
import dev.longshore.kernel.ProcessNetwork;
import dev.longshore.view.ChangeListener;
import dev.longshore.view.Snapshot;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Reads the cgroups of running containers and pods, and the traffic of pods, in one {@link Sweep}
 * for all callers. Holds one sample and the open files of its cgroup per run that is under way.
 * Thread-safe.
 */
public final class CgroupSampler implements ChangeListener {
  private final CgroupReader cgroups;
  private final InstantSource wallClock;
  private final LongSupplier nanoClock;
  private final Sweep<Look> sweep;

  public CgroupSampler(CgroupReader cgroups) {
    this(cgroups, InstantSource.system(), System::nanoTime);
  }

  /** With clocks of the caller's; {@code nanoClock} is monotonic. */
  CgroupSampler(CgroupReader cgroups, InstantSource wallClock, LongSupplier nanoClock) {
    this.cgroups = cgroups;
    this.wallClock = wallClock;
    this.nanoClock = nanoClock;
    this.sweep = new Sweep<>(this::look, look -> look.place.close(), nanoClock);
  }

  /**
   * Samples of those runs, none older than a second; runs whose cgroup has vanished are left out.
   *
   * @param alive all runs that are under way; what is known of others is forgotten
   * @throws CriException TIMED_OUT when another caller's sweep does not end, CANCELLED when the
   *     thread is interrupted while it waits for one
   */
  Map<ContainerId, Sample> sample(Collection<Run> wanted, Supplier<Set<Run>> alive) {
    Map<ContainerId, Sample> samples = HashMap.newHashMap(wanted.size());
    sweep.get(wanted, alive).forEach((run, look) -> samples.put(run.id(), look.sample));
    return samples;
  }

  /** Closes the files of a run that is over. */
  @Override
  public void changed(Snapshot before, Snapshot after, ContainerId id) {
    Optional<Run> over = Run.of(before, id);
    if (over.isPresent() && !over.equals(Run.of(after, id))) {
      sweep.forget(over.get());
    }
  }

  /** How many runs something is remembered of. */
  int size() {
    return sweep.size();
  }

  private Optional<Look> look(Run run, Optional<Look> before) {
    Optional<Place> place = before.map(Look::place).or(() -> find(run));
    if (place.isEmpty()) {
      return Optional.empty();
    }
    Place found = place.get();
    List<InterfaceUse> interfaces = found.network.map(ProcessNetwork::interfaces).orElse(List.of());
    long at = nanoClock.getAsLong();
    var time = wallClock.instant();
    Optional<CgroupUsage> usage = found.cgroup.usage();
    if (usage.isEmpty()) {
      found.close();
    }
    return usage
        .map(used -> new Sample(time, found.name, used, rate(before, used.cpu(), at), interfaces))
        .map(sample -> new Look(found, at, sample));
  }

  private Optional<Place> find(Run run) {
    Optional<CgroupPaths> own = cgroups.find(run.pid(), run.id().value());
    return (run.pod() ? own.map(CgroupPaths::parents) : own)
        .map(paths -> new Place(cgroups.open(paths), cgroups.name(paths), network(run)));
  }

  private Optional<ProcessNetwork> network(Run run) {
    return run.network() ? cgroups.network(run.pid(), run.id().value()) : Optional.empty();
  }

  private static OptionalLong rate(Optional<Look> before, CpuUsage now, long at) {
    if (before.isEmpty() || at <= before.get().at) {
      return OptionalLong.empty();
    }
    long used = now.totalNanos() - before.get().sample.usage().cpu().totalNanos();
    double perSecond = (double) used / (at - before.get().at) * TimeUnit.SECONDS.toNanos(1);
    return used < 0 ? OptionalLong.empty() : OptionalLong.of(Math.round(perSecond));
  }

  /** One look at a run; {@code at} is on the monotonic clock, nanoseconds. */
  private record Look(Place place, long at, Sample sample) {}

  private record Place(Cgroup cgroup, String name, Optional<ProcessNetwork> network) {
    private void close() {
      cgroup.close();
      network.ifPresent(ProcessNetwork::close);
    }
  }
}
