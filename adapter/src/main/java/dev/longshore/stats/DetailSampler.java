package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.kernel.CgroupDetailReader;
import dev.longshore.kernel.CgroupDetails;
import dev.longshore.kernel.CgroupPaths;
import dev.longshore.kernel.CgroupReader;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads what only metrics show of containers, in one {@link Sweep} for all callers. Thread-safe.
 */
public final class DetailSampler {
  private final CgroupReader cgroups;
  private final CgroupDetailReader details;
  private final Sweep<Look> sweep = new Sweep<>(this::look, _ -> {}, System::nanoTime);

  public DetailSampler(CgroupReader cgroups, CgroupDetailReader details) {
    this.cgroups = cgroups;
    this.details = details;
  }

  /**
   * Of those runs, none older than a second.
   *
   * @param alive all runs that are under way; what is known of others is forgotten
   * @throws CriException as of {@link Sweep#get}
   */
  Map<ContainerId, CgroupDetails> sample(Collection<Run> wanted, Supplier<Set<Run>> alive) {
    Map<ContainerId, CgroupDetails> samples = HashMap.newHashMap(wanted.size());
    sweep.get(wanted, alive).forEach((run, look) -> samples.put(run.id(), look.details));
    return samples;
  }

  private Optional<Look> look(Run run, Optional<Look> before) {
    return before
        .map(Look::paths)
        .or(() -> cgroups.find(run.pid(), run.id().value()))
        .map(paths -> new Look(paths, details.read(paths, run.pid())));
  }

  private record Look(CgroupPaths paths, CgroupDetails details) {}
}
