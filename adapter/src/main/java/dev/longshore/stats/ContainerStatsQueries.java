package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerStatsFilter;
import dev.longshore.cri.v1.ContainerStatsRequest;
import dev.longshore.cri.v1.ContainerStatsResponse;
import dev.longshore.cri.v1.ListContainerStatsRequest;
import dev.longshore.cri.v1.ListContainerStatsResponse;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Stats of running containers: a snapshot says which there are, the kernel what they use. No Docker
 * request. Thread-safe.
 */
public final class ContainerStatsQueries {
  private final Supplier<Snapshot> snapshots;
  private final CgroupSampler sampler;
  private final WritableLayers layers;

  /** {@code snapshots} answers at once, or throws UNAVAILABLE while Docker is away. */
  public ContainerStatsQueries(
      Supplier<Snapshot> snapshots, CgroupSampler sampler, WritableLayers layers) {
    this.snapshots = snapshots;
    this.sampler = sampler;
    this.layers = layers;
  }

  /**
   * ContainerStats: one running container, by id or unique prefix.
   *
   * @throws CriException INVALID without an id, NOT_FOUND for an unknown one, NOT_READY for a
   *     container that does not run
   */
  public ContainerStatsResponse status(ContainerStatsRequest request) {
    String id = request.getContainerId();
    if (id.isEmpty()) {
      throw new CriException(
          Kind.INVALID, "container_id is empty: name the container whose stats are wanted");
    }
    Snapshot snapshot = snapshots.get();
    ContainerView container =
        snapshot
            .container(id)
            .orElseThrow(
                () ->
                    new CriException(
                        Kind.NOT_FOUND,
                        "no stats of container %s: no such container".formatted(id)));
    Run run =
        Run.of(container)
            .orElseThrow(
                () ->
                    noStats(container, "it does not run, and only running containers have stats"));
    Sample sample = sample(snapshot, List.of(run)).get(run.id());
    if (sample == null) {
      throw noStats(
          container,
          "process %d is gone, or is in no mounted cgroup named for the container; it may have"
                  .formatted(run.pid())
              + " ended just now");
    }
    return ContainerStatsResponse.newBuilder()
        .setStats(ContainerStatsMessages.of(container, sample, layers.of(container)))
        .build();
  }

  /** ListContainerStats: the running containers that the filter lets through, newest first. */
  public ListContainerStatsResponse list(ListContainerStatsRequest request) {
    Snapshot snapshot = snapshots.get();
    List<ContainerView> chosen =
        snapshot.containers().stream()
            .filter(container -> matches(container, request.getFilter()))
            .toList();
    Map<ContainerId, Sample> samples =
        sample(snapshot, chosen.stream().flatMap(found -> Run.of(found).stream()).toList());
    ListContainerStatsResponse.Builder response = ListContainerStatsResponse.newBuilder();
    for (ContainerView container : chosen) {
      Sample sample = samples.get(container.engine().id());
      if (sample != null) {
        response.addStats(ContainerStatsMessages.of(container, sample, layers.of(container)));
      }
    }
    return response.build();
  }

  private Map<ContainerId, Sample> sample(Snapshot snapshot, Collection<Run> wanted) {
    return sampler.sample(wanted, () -> Run.all(snapshot));
  }

  // An unset filter is one with empty fields. Ids may be prefixes, as crictl gives them.
  private static boolean matches(ContainerView container, ContainerStatsFilter filter) {
    return container.engine().id().value().startsWith(filter.getId())
        && container.sandboxId().value().startsWith(filter.getPodSandboxId())
        && container
            .metadata()
            .labels()
            .entrySet()
            .containsAll(filter.getLabelSelectorMap().entrySet());
  }

  private static CriException noStats(ContainerView container, String why) {
    return new CriException(
        Kind.NOT_READY,
        "cannot tell the stats of container %s (%s): %s"
            .formatted(container.engine().name(), container.engine().id().shortForm(), why));
  }
}
