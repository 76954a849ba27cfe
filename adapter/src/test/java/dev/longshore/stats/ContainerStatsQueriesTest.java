package dev.longshore.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.ContainerStatsFilter;
import dev.longshore.cri.v1.ContainerStatsRequest;
import dev.longshore.cri.v1.FilesystemUsage;
import dev.longshore.cri.v1.ListContainerStatsRequest;
import dev.longshore.cri.v1.MemoryUsage;
import dev.longshore.cri.v1.PsiData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ContainerStatsQueriesTest {
  private static final ContainerId POD = new ContainerId("a".repeat(64));
  private static final ContainerId OTHER_POD = new ContainerId("b".repeat(64));

  @TempDir Path root;
  private StatsRig rig;

  @BeforeEach
  void start() {
    rig = new StatsRig(root);
  }

  @AfterEach
  void end() {
    rig.close();
  }

  @Test
  void everyRunningContainerIsListedWithWhatItsRequestSaidOfIt() {
    ContainerId web = rig.run("web", POD, Map.of("app", "shop"));
    ContainerId db = rig.run("db", OTHER_POD, Map.of());

    List<ContainerStats> stats = list(ContainerStatsFilter.getDefaultInstance());

    assertThat(stats).extracting(s -> s.getAttributes().getId()).containsExactly(id(db), id(web));
    var attributes = stats.getLast().getAttributes();
    assertThat(attributes.getMetadata().getName()).isEqualTo("web");
    assertThat(attributes.getMetadata().getAttempt()).isEqualTo(3);
    assertThat(attributes.getLabelsMap()).isEqualTo(Map.of("app", "shop"));
    assertThat(attributes.getAnnotationsMap()).isEqualTo(Map.of("note", "web"));
  }

  @Test
  void aContainerStartedJustNowHasStatsOnTheFirstCall() {
    rig.run("early", POD, Map.of());
    list(ContainerStatsFilter.getDefaultInstance());
    ContainerId late = rig.run("late", POD, Map.of());

    assertThat(ids(ContainerStatsFilter.getDefaultInstance())).contains(id(late));
    assertThat(status(id(late)).getCpu().getUsageCoreNanoSeconds().getValue())
        .isEqualTo(1_000_000_000);
  }

  @Test
  void containersThatDoNotRunAreLeftOut() {
    rig.create("created", POD, Map.of());
    ContainerId ended = rig.run("ended", POD, Map.of());
    ContainerId running = rig.run("running", POD, Map.of());
    list(ContainerStatsFilter.getDefaultInstance());
    rig.exit(ended);

    assertThat(ids(ContainerStatsFilter.getDefaultInstance())).containsExactly(id(running));
  }

  @Test
  void aContainerWhoseProcessIsGoneBeforeDockerSaysSoIsLeftOut() {
    ContainerId dying = rig.run("dying", POD, Map.of());
    ContainerId running = rig.run("running", POD, Map.of());
    rig.cgroups.remove(rig.pid(dying), id(dying));

    assertThat(ids(ContainerStatsFilter.getDefaultInstance())).containsExactly(id(running));
  }

  @Test
  void eachPartOfAFilterMustMatch() {
    String web = id(rig.run("web", POD, Map.of("app", "shop", "tier", "front")));
    String db = id(rig.run("db", POD, Map.of("app", "shop")));
    String other = id(rig.run("other", OTHER_POD, Map.of("app", "blog")));

    assertThat(ids(filter(web, "", Map.of()))).containsExactly(web);
    assertThat(ids(filter(web.substring(0, 60), "", Map.of()))).containsExactly(web);
    assertThat(ids(filter("", POD.value(), Map.of()))).containsExactly(db, web);
    assertThat(ids(filter("", "bbbbbb", Map.of()))).containsExactly(other);
    assertThat(ids(filter("", "", Map.of("app", "shop")))).containsExactly(db, web);
    assertThat(ids(filter("", "", Map.of("app", "shop", "tier", "front")))).containsExactly(web);
    assertThat(ids(filter("", POD.value(), Map.of("app", "blog")))).isEmpty();
    assertThat(ids(filter(web, OTHER_POD.value(), Map.of()))).isEmpty();
    assertThat(ids(filter("", "", Map.of("app", "sho")))).isEmpty();
    assertThat(ids(filter("f".repeat(64), "", Map.of()))).isEmpty();
  }

  @Test
  void theNumbersAreThoseOfTheKernel() {
    String web = id(rig.run("web", POD, Map.of()));
    rig.cgroups.memoryFile(web, "memory.max", "209715200\n");
    rig.cgroups.memoryFile(web, "memory.swap.current", "4096\n");
    rig.cgroups.memoryFile(web, "memory.swap.max", "8192\n");
    long before = nanos(Instant.now());

    ContainerStats stats = status(web);

    assertThat(stats.getCpu().getTimestamp()).isBetween(before, nanos(Instant.now()));
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(1_000_000_000);
    MemoryUsage memory = stats.getMemory();
    assertThat(memory.getTimestamp()).isEqualTo(stats.getCpu().getTimestamp());
    assertThat(memory.getUsageBytes().getValue()).isEqualTo(104_857_600);
    assertThat(memory.getWorkingSetBytes().getValue()).isEqualTo(94_371_840);
    assertThat(memory.getAvailableBytes().getValue()).isEqualTo(115_343_360);
    assertThat(memory.getRssBytes().getValue()).isEqualTo(70_000_000);
    assertThat(memory.getPageFaults().getValue()).isEqualTo(9);
    assertThat(memory.getMajorPageFaults().getValue()).isEqualTo(2);
    assertThat(stats.getSwap().getTimestamp()).isEqualTo(stats.getCpu().getTimestamp());
    assertThat(stats.getSwap().getSwapUsageBytes().getValue()).isEqualTo(4096);
    assertThat(stats.getSwap().getSwapAvailableBytes().getValue()).isEqualTo(4096);
  }

  @Test
  void whatTheContainerWaitedForIsToldForCpuMemoryAndIo() {
    String web = id(rig.run("web", POD, Map.of()));
    rig.cgroups.memoryFile(web, "cpu.pressure", pressure(1));
    rig.cgroups.memoryFile(web, "memory.pressure", pressure(2));
    rig.cgroups.memoryFile(web, "io.pressure", pressure(3));

    ContainerStats stats = status(web);

    assertThat(stats.getCpu().getPsi().getSome().getTotal()).isEqualTo(1_000);
    assertThat(stats.getMemory().getPsi().getFull().getTotal()).isEqualTo(2_001_000);
    assertThat(stats.getIo().getTimestamp()).isEqualTo(stats.getCpu().getTimestamp());
    PsiData io = stats.getIo().getPsi().getSome();
    assertThat(io.getTotal()).isEqualTo(3_000);
    assertThat(io.getAvg10()).isEqualTo(1.5);
    assertThat(io.getAvg60()).isEqualTo(0.25);
    assertThat(io.getAvg300()).isEqualTo(0.05);
  }

  @Test
  void whatTheContainerHasWrittenIsToldOnceItHasBeenLookedAt() throws IOException {
    Files.write(rig.layer("web", POD).resolve("big"), new byte[1 << 20]);
    ContainerId web = rig.run("web", POD, Map.of());

    Eventually.until("the layer is known", () -> status(id(web)).hasWritableLayer());

    FilesystemUsage layer = status(id(web)).getWritableLayer();
    assertThat(layer.getTimestamp()).isPositive();
    assertThat(layer.getFsId().getMountpoint()).isEqualTo(root.resolve("docker").toString());
    assertThat(layer.getUsedBytes().getValue()).isBetween(1L << 20, (1L << 20) + 100_000);
    assertThat(layer.getInodesUsed().getValue()).isEqualTo(2);
  }

  @Test
  void whatTheKernelDoesNotSayIsUnset() {
    ContainerStats stats = status(id(rig.run("web", POD, Map.of())));

    assertThat(stats.getCpu().hasUsageNanoCores()).isFalse();
    assertThat(stats.getMemory().hasAvailableBytes()).isFalse();
    assertThat(stats.hasSwap()).isFalse();
    assertThat(stats.hasIo()).isFalse();
    assertThat(stats.getCpu().hasPsi()).isFalse();
    assertThat(stats.getMemory().hasPsi()).isFalse();
    assertThat(stats.hasWritableLayer()).isFalse();
  }

  @Test
  void withoutAMemoryControllerThereAreNoMemoryStats() {
    String web = id(rig.run("web", POD, Map.of()));
    rig.cgroups.removeMemory(web);

    assertThat(status(web).hasMemory()).isFalse();
    assertThat(status(web).hasCpu()).isTrue();
  }

  @Test
  void oneContainerIsFoundByItsIdAndByTheStartOfIt() {
    String web = id(rig.run("web", POD, Map.of()));

    assertThat(status(web).getAttributes().getId()).isEqualTo(web);
    assertThat(status(web.substring(0, 60)).getAttributes().getId()).isEqualTo(web);
  }

  @Test
  void anUnknownContainerIsNotFoundAndNoIdIsInvalid() {
    fails(() -> status("f".repeat(64)), Kind.NOT_FOUND, "no such container");
    fails(() -> status(""), Kind.INVALID, "container_id");
  }

  @Test
  void aContainerThatDoesNotRunIsNotReady() {
    ContainerId created = rig.create("created", POD, Map.of());
    ContainerId ended = rig.run("ended", POD, Map.of());
    rig.exit(ended);

    fails(() -> status(id(created)), Kind.NOT_READY, "it does not run");
    fails(() -> status(id(ended)), Kind.NOT_READY, "k8s_ended_pod_default_");
  }

  @Test
  void aContainerWhoseProcessIsGoneIsNotReadyAndItsPidIsNamed() {
    ContainerId dying = rig.run("dying", POD, Map.of());
    int pid = rig.pid(dying);
    rig.cgroups.remove(pid, id(dying));

    fails(() -> status(id(dying)), Kind.NOT_READY, "process " + pid + " is gone");
  }

  @Test
  void statsNeedNoAnswerFromDocker() {
    String web = id(rig.run("web", POD, Map.of()));

    rig.docker.hang();
    try {
      assertThat(status(web).hasCpu()).isTrue();
      assertThat(ids(ContainerStatsFilter.getDefaultInstance())).containsExactly(web);
    } finally {
      rig.docker.resume();
    }
  }

  private ContainerStats status(String id) {
    return rig.queries
        .status(ContainerStatsRequest.newBuilder().setContainerId(id).build())
        .getStats();
  }

  private List<ContainerStats> list(ContainerStatsFilter filter) {
    return rig.queries
        .list(ListContainerStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList();
  }

  private List<String> ids(ContainerStatsFilter filter) {
    return list(filter).stream().map(stats -> stats.getAttributes().getId()).toList();
  }

  private static ContainerStatsFilter filter(String id, String pod, Map<String, String> labels) {
    return ContainerStatsFilter.newBuilder()
        .setId(id)
        .setPodSandboxId(pod)
        .putAllLabelSelector(labels)
        .build();
  }

  private static void fails(ThrowingCallable call, Kind kind, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(words);
  }

  private static String pressure(int n) {
    return """
    some avg10=1.50 avg60=0.25 avg300=0.05 total=%d
    full avg10=0.10 avg60=0.00 avg300=0.00 total=%d001
    """
        .formatted(n, n);
  }

  private static String id(ContainerId id) {
    return id.value();
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000 + time.getNano();
  }
}
