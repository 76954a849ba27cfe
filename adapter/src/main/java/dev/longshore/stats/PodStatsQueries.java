package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.ListPodSandboxStatsRequest;
import dev.longshore.cri.v1.ListPodSandboxStatsResponse;
import dev.longshore.cri.v1.PodSandboxStats;
import dev.longshore.cri.v1.PodSandboxStatsFilter;
import dev.longshore.cri.v1.PodSandboxStatsRequest;
import dev.longshore.cri.v1.PodSandboxStatsResponse;
import dev.longshore.view.ContainerView;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Stats of pods whose sandbox runs, each with those of its running containers. No Docker request.
 * Thread-safe.
 */
public final class PodStatsQueries {
  private final Supplier<Snapshot> snapshots;
  private final Predicate<SandboxView> complete;
  private final CgroupSampler sampler;
  private final WritableLayers layers;

  /**
   * {@code snapshots} answers at once, or throws UNAVAILABLE while Docker is away; what is not
   * {@code complete} is not listed yet.
   */
  public PodStatsQueries(
      Supplier<Snapshot> snapshots,
      Predicate<SandboxView> complete,
      CgroupSampler sampler,
      WritableLayers layers) {
    this.snapshots = snapshots;
    this.complete = complete;
    this.sampler = sampler;
    this.layers = layers;
  }

  /**
   * PodSandboxStats: one pod, by its sandbox's id or unique prefix.
   *
   * @throws CriException INVALID without an id, NOT_FOUND for an unknown one, NOT_READY for a
   *     sandbox that does not run
   */
  public PodSandboxStatsResponse status(PodSandboxStatsRequest request) {
    String id = request.getPodSandboxId();
    if (id.isEmpty()) {
      throw new CriException(
          Kind.INVALID, "pod_sandbox_id is empty: name the pod sandbox whose stats are wanted");
    }
    Snapshot snapshot = snapshots.get();
    SandboxView sandbox =
        snapshot
            .sandbox(id)
            .filter(complete)
            .orElseThrow(
                () ->
                    new CriException(
                        Kind.NOT_FOUND,
                        "no stats of pod sandbox %s: no such sandbox".formatted(id)));
    return stats(snapshot, List.of(sandbox)).stream()
        .findFirst()
        .map(stats -> PodSandboxStatsResponse.newBuilder().setStats(stats).build())
        .orElseThrow(
            () ->
                new CriException(
                    Kind.NOT_READY,
                    "cannot tell the stats of pod sandbox %s: it does not run, or is in no mounted cgroup named for it"
                        .formatted(sandbox.engine().title())));
  }

  /** ListPodSandboxStats: the pods that the filter lets through, newest first. */
  public ListPodSandboxStatsResponse list(ListPodSandboxStatsRequest request) {
    PodSandboxStatsFilter filter = request.getFilter();
    Snapshot snapshot = snapshots.get();
    List<SandboxView> chosen =
        snapshot.sandboxes().stream()
            .filter(sandbox -> complete.test(sandbox) && matches(sandbox, filter))
            .toList();
    return ListPodSandboxStatsResponse.newBuilder().addAllStats(stats(snapshot, chosen)).build();
  }

  private List<PodSandboxStats> stats(Snapshot snapshot, List<SandboxView> sandboxes) {
    List<Run> wanted = new ArrayList<>();
    for (SandboxView sandbox : sandboxes) {
      Run.of(sandbox).ifPresent(wanted::add);
      snapshot.containersOf(sandbox.id()).forEach(c -> Run.of(c).ifPresent(wanted::add));
    }
    Map<ContainerId, Sample> samples = sampler.sample(wanted, () -> Run.all(snapshot));
    return sandboxes.stream()
        .flatMap(s -> stats(s, snapshot.containersOf(s.id()), samples).stream())
        .toList();
  }

  private Optional<PodSandboxStats> stats(
      SandboxView sandbox, List<ContainerView> containers, Map<ContainerId, Sample> samples) {
    Sample own = samples.get(sandbox.id());
    if (own == null) {
      return Optional.empty();
    }
    Sample pod = own;
    List<ContainerStats> stats = new ArrayList<>();
    for (ContainerView container : containers) {
      Sample sample = samples.get(container.id());
      if (sample != null) {
        stats.add(ContainerStatsMessages.of(container, sample, layers.of(container)));
        pod = Run.hasPodCgroup(sandbox) ? pod : pod.plus(sample);
      }
    }
    return Optional.of(PodStatsMessages.of(sandbox, pod, stats));
  }

  // An unset filter is one with empty fields. Ids may be prefixes, as crictl gives them.
  private static boolean matches(SandboxView sandbox, PodSandboxStatsFilter filter) {
    return sandbox.id().value().startsWith(filter.getId())
        && sandbox
            .metadata()
            .labels()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }
}
