package dev.longshore.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.ContainerStatsFilter;
import dev.longshore.cri.v1.ContainerStatsRequest;
import dev.longshore.cri.v1.ListContainerStatsRequest;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.TestSpecs;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.Processes;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stats of real containers, from the real kernel. */
@Timeout(120)
final class ContainerStatsIT {
  private static final String BUSYBOX = "longshore.local/busybox:1";
  private static final Path PROC = Path.of("/proc");
  private static final long MIB = 1 << 20;
  private static final JavaDockerEngine DOCKER =
      new JavaDockerEngine(
          DockerHost.parse(
              System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock")));

  private final String uid = UUID.randomUUID().toString();
  private final ContainerId pod = new ContainerId(uid.replace("-", "").repeat(2));
  private final List<ContainerId> containers = new ArrayList<>();
  private final View view = new View(DOCKER, _ -> {}, _ -> {});
  private final ContainerStatsQueries queries =
      new ContainerStatsQueries(
          view::snapshot,
          new CgroupSampler(new CgroupReader(PROC)),
          new WritableLayers(new Processes(PROC), Optional::empty));

  ContainerStatsIT() {
    view.start();
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  @AfterEach
  void removeTraces() {
    containers.forEach(id -> DOCKER.remove(id, soon()));
    view.close();
  }

  @AfterAll
  static void disconnect() {
    DOCKER.close();
  }

  @Test
  void aContainerStartedJustNowHasItsNumbersOnTheFirstCall() {
    ContainerId id = run("fresh", ResourceSpec.NONE, "sleep 1000");

    ContainerStats stats = status(id);

    assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("fresh");
    assertThat(stats.getAttributes().getLabelsMap()).isEqualTo(Map.of("test", uid));
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
    assertThat(stats.getMemory().getUsageBytes().getValue()).isPositive();
    assertThat(stats.getMemory().getPageFaults().getValue()).isPositive();
    assertThat(stats.getMemory().getWorkingSetBytes().getValue())
        .isPositive()
        .isLessThanOrEqualTo(stats.getMemory().getUsageBytes().getValue());
    assertThat(stats.getMemory().hasAvailableBytes()).isFalse();
  }

  @Test
  void aBusyLoopUsesWhatItsQuotaGives() {
    ContainerId id = run("busy", cpuQuota(20_000), "while :; do :; done");

    status(id);
    Eventually.until("there are two samples", () -> status(id).getCpu().hasUsageNanoCores());

    assertThat(status(id).getCpu().getUsageNanoCores().getValue())
        .isBetween(20_000_000L, 240_000_000L);
  }

  @Test
  void pageCacheThatCanGoIsUsageButNotWorkingSet() {
    ContainerId id =
        run(
            "cache",
            memoryLimit(256 * MIB),
            "dd if=/dev/zero of=/big bs=1M count=64 && sync; sleep 1000");

    Eventually.until("64 MiB are cached", () -> usage(id) > 64 * MIB);

    var memory = status(id).getMemory();
    assertThat(memory.getUsageBytes().getValue()).isLessThan(256 * MIB);
    assertThat(memory.getWorkingSetBytes().getValue())
        .isLessThan(memory.getUsageBytes().getValue() - 32 * MIB);
    assertThat(memory.getAvailableBytes().getValue())
        .isEqualTo(256 * MIB - memory.getWorkingSetBytes().getValue());
    assertThat(memory.getRssBytes().getValue()).isLessThan(16 * MIB);
  }

  @Test
  void anEndedContainerIsLeftOutOfListsAndNotReadyByItself() {
    ContainerId stays = run("stays", ResourceSpec.NONE, "sleep 1000");
    ContainerId ends = run("ends", ResourceSpec.NONE, "sleep 1000");
    assertThat(ids()).containsExactly(ends.value(), stays.value());

    DOCKER.kill(ends, "SIGKILL", soon());
    Eventually.until("the view knows", () -> ids().equals(List.of(stays.value())));

    assertThatThrownBy(() -> status(ends))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY));
  }

  private ContainerId run(String name, ResourceSpec resources, String script) {
    KubeLabels.Metadata metadata =
        new KubeLabels.Metadata(Map.of("test", uid), Map.of(), Optional.empty(), BUSYBOX, "");
    String dockerName = new KubeName(name, "stats", "it", uid, 0).toDockerName();
    ContainerSpec spec =
        TestSpecs.withLabels(
                TestSpecs.container(dockerName, BUSYBOX, "sh", "-c", script),
                KubeLabels.forContainer(metadata, pod.value(), ""))
            .withResources(resources);
    try (Mutation mutation = view.mutate(dockerName)) {
      ContainerId id = DOCKER.create(spec, soon());
      containers.add(id);
      DOCKER.start(id, soon());
      mutation.refresh(id, soon());
      return id;
    }
  }

  private long usage(ContainerId id) {
    return status(id).getMemory().getUsageBytes().getValue();
  }

  private ContainerStats status(ContainerId id) {
    return queries
        .status(ContainerStatsRequest.newBuilder().setContainerId(id.value()).build())
        .getStats();
  }

  private List<String> ids() {
    ContainerStatsFilter own =
        ContainerStatsFilter.newBuilder()
            .setPodSandboxId(pod.value())
            .putLabelSelector("test", uid)
            .build();
    return queries
        .list(ListContainerStatsRequest.newBuilder().setFilter(own).build())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }

  private static ResourceSpec cpuQuota(long perHundredMillis) {
    return new ResourceSpec(
        OptionalLong.of(100_000),
        OptionalLong.of(perHundredMillis),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static ResourceSpec memoryLimit(long bytes) {
    return new ResourceSpec(
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.of(bytes),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(60));
  }
}
