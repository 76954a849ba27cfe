package dev.longshore.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.LinuxPodSandboxStats;
import dev.longshore.cri.v1.ListPodSandboxStatsRequest;
import dev.longshore.cri.v1.NetworkInterfaceUsage;
import dev.longshore.cri.v1.PodSandboxStats;
import dev.longshore.cri.v1.PodSandboxStatsFilter;
import dev.longshore.cri.v1.PodSandboxStatsRequest;
import dev.longshore.kernel.OpenInTests;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PodStatsQueriesTest {
  private static final String SLICE = "kubepods.slice";
  private static final PodSandboxStatsFilter ALL = PodSandboxStatsFilter.getDefaultInstance();

  @TempDir Path root;
  private StatsRig rig;

  @BeforeEach
  void start() {
    rig = new StatsRig(root);
    podCgroup();
  }

  @AfterEach
  void end() {
    rig.close();
  }

  @Test
  void aPodIsListedWithWhatItsRequestSaidOfItAndItsRunningContainers() {
    ContainerId pod = rig.sandbox("shop", SLICE, "none", Map.of("app", "shop"));
    ContainerId web = rig.run("web", pod, Map.of());
    rig.exit(rig.run("ended", pod, Map.of()));

    PodSandboxStats stats = list(ALL).getFirst();

    var attributes = stats.getAttributes();
    assertThat(attributes.getId()).isEqualTo(pod.value());
    assertThat(attributes.getMetadata().getName()).isEqualTo("shop");
    assertThat(attributes.getMetadata().getNamespace()).isEqualTo("default");
    assertThat(attributes.getMetadata().getUid()).isEqualTo("uid-shop");
    assertThat(attributes.getMetadata().getAttempt()).isEqualTo(1);
    assertThat(attributes.getLabelsMap()).isEqualTo(Map.of("app", "shop"));
    assertThat(attributes.getAnnotationsMap()).isEqualTo(Map.of("note", "shop"));
    assertThat(stats.getLinux().getContainersList())
        .extracting(ContainerStats::getAttributes)
        .extracting(a -> a.getId())
        .containsExactly(web.value());
  }

  @Test
  void theNumbersOfAPodAreThoseOfTheCgroupAboveItsContainers() {
    ContainerId pod = rig.sandbox("shop", SLICE, "none", Map.of());
    rig.run("web", pod, Map.of());

    LinuxPodSandboxStats linux = status(pod);

    assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(7_000_000_000L);
    assertThat(linux.getCpu().getPsi().getSome().getTotal()).isEqualTo(12_000);
    assertThat(linux.getMemory().getUsageBytes().getValue()).isEqualTo(500);
    assertThat(linux.getMemory().getWorkingSetBytes().getValue()).isEqualTo(400);
    assertThat(linux.getMemory().getAvailableBytes().getValue()).isEqualTo(600);
    assertThat(linux.getProcess().getProcessCount().getValue()).isEqualTo(31);
    assertThat(linux.getProcess().getTimestamp()).isEqualTo(linux.getCpu().getTimestamp());
    assertThat(linux.getIo().getPsi().getSome().getTotal()).isEqualTo(12_000);
  }

  @Test
  void withoutACgroupOfItsOwnAPodIsTheSumOfItsContainers() {
    ContainerId pod = rig.sandbox("shop", "", "none", Map.of());
    ContainerId web = rig.run("web", pod, Map.of());
    ContainerId other = rig.run("other", rig.sandbox("blog", "", "none", Map.of()), Map.of());
    rig.cgroups.cpu(web.value(), 3_000_000_000L);
    rig.cgroups.tasks(pod.value(), 1);
    rig.cgroups.tasks(web.value(), 5);
    rig.cgroups.tasks(other.value(), 100);

    LinuxPodSandboxStats linux = status(pod);

    assertThat(linux.getCpu().getUsageCoreNanoSeconds().getValue()).isEqualTo(4_000_000_000L);
    assertThat(linux.getMemory().getUsageBytes().getValue()).isEqualTo(2 * 104_857_600);
    assertThat(linux.getMemory().getWorkingSetBytes().getValue()).isEqualTo(2 * 94_371_840);
    assertThat(linux.getProcess().getProcessCount().getValue()).isEqualTo(6);
    assertThat(linux.getCpu().hasPsi()).isFalse();
    assertThat(linux.hasIo()).isFalse();
  }

  @Test
  void trafficIsToldPerInterfaceWithEth0AsTheDefaultAndWithoutLoopback() {
    ContainerId pod = rig.sandbox("shop", SLICE, "none", Map.of());
    rig.cgroups.network(
        rig.pid(pod),
        "    lo: 7 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0",
        "  net1: 10 1 0 0 0 0 0 0 20 2 0 0 0 0 0 0",
        "  eth0: 100 9 1 0 0 0 0 0 200 8 2 0 0 0 0 0");

    var network = status(pod).getNetwork();

    assertThat(network.getTimestamp()).isPositive();
    NetworkInterfaceUsage eth0 = network.getDefaultInterface();
    assertThat(eth0.getName()).isEqualTo("eth0");
    assertThat(eth0.getRxBytes().getValue()).isEqualTo(100);
    assertThat(eth0.getRxErrors().getValue()).isEqualTo(1);
    assertThat(eth0.getTxBytes().getValue()).isEqualTo(200);
    assertThat(eth0.getTxErrors().getValue()).isEqualTo(2);
    assertThat(network.getInterfacesList())
        .extracting(NetworkInterfaceUsage::getName)
        .containsExactly("net1");
  }

  @Test
  void aPodInTheNodesNetworkOrWithLoopbackAloneHasNoTrafficOfItsOwn() {
    ContainerId host = rig.sandbox("host", SLICE, "host", Map.of());
    ContainerId alone = rig.sandbox("alone", SLICE, "none", Map.of());
    rig.cgroups.network(rig.pid(host), "  eth0: 100 9 1 0 0 0 0 0 200 8 2 0 0 0 0 0");
    rig.cgroups.network(rig.pid(alone), "  lo: 100 9 1 0 0 0 0 0 200 8 2 0 0 0 0 0");

    assertThat(status(host).hasNetwork()).isFalse();
    assertThat(status(alone).hasNetwork()).isFalse();
  }

  @Test
  void eachPartOfAFilterMustMatch() {
    String shop = rig.sandbox("shop", SLICE, "none", Map.of("app", "shop", "tier", "1")).value();
    String blog = rig.sandbox("blog", SLICE, "none", Map.of("app", "blog")).value();

    assertThat(ids(ALL)).containsExactly(blog, shop);
    assertThat(ids(filter(shop, Map.of()))).containsExactly(shop);
    assertThat(ids(filter(shop.substring(0, 60), Map.of()))).containsExactly(shop);
    assertThat(ids(filter("", Map.of("app", "blog")))).containsExactly(blog);
    assertThat(ids(filter(shop, Map.of("app", "blog")))).isEmpty();
  }

  @Test
  void podsThatDoNotRunOrAreStillBeingMadeAreLeftOut() {
    ContainerId ended = rig.sandbox("ended", SLICE, "none", Map.of());
    ContainerId early = rig.sandbox("early", SLICE, "none", Map.of());
    ContainerId runs = rig.sandbox("runs", SLICE, "none", Map.of());
    rig.exit(ended);
    rig.unfinished.add(rig.view.snapshot().sandbox(early.value()).orElseThrow());

    assertThat(ids(ALL)).containsExactly(runs.value());
    fails(() -> status(ended.value()), Kind.NOT_READY, "k8s_POD_ended_default");
    fails(() -> status(early.value()), Kind.NOT_FOUND, "no such sandbox");
    fails(() -> status(""), Kind.INVALID, "pod_sandbox_id");
  }

  @Test
  void anExitClosesFilesWithoutAnotherCall() throws IOException {
    ContainerId pod = rig.sandbox("shop", SLICE, "none", Map.of());
    ContainerId web = rig.run("web", pod, Map.of());
    assertThat(ids(ALL)).hasSize(1);
    assertThat(openOf(web)).isNotEmpty();

    rig.exit(web);

    assertThat(openOf(web)).isEmpty();
  }

  private List<Path> openOf(ContainerId container) throws IOException {
    return OpenInTests.below(root).stream()
        .filter(file -> file.toString().contains(container.value()))
        .toList();
  }

  @Test
  void statsOfPodsNeedNoAnswerFromDocker() {
    ContainerId pod = rig.sandbox("shop", SLICE, "none", Map.of());

    rig.docker.hang();
    try {
      assertThat(ids(ALL)).containsExactly(pod.value());
    } finally {
      rig.docker.resume();
    }
  }

  private void podCgroup() {
    rig.cgroups.podFile("cpu.stat", "usage_usec 7000000\n");
    rig.cgroups.podFile("memory.current", "500\n");
    rig.cgroups.podFile("memory.stat", "inactive_file 100\n");
    rig.cgroups.podFile("memory.max", "1000\n");
    rig.cgroups.podFile("pids.current", "31\n");
    for (String resource : List.of("cpu", "memory", "io")) {
      rig.cgroups.podFile(
          resource + ".pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n");
    }
  }

  private LinuxPodSandboxStats status(ContainerId pod) {
    return status(pod.value());
  }

  private LinuxPodSandboxStats status(String pod) {
    return rig.pods
        .status(PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build())
        .getStats()
        .getLinux();
  }

  private List<PodSandboxStats> list(PodSandboxStatsFilter filter) {
    return rig.pods
        .list(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList();
  }

  private List<String> ids(PodSandboxStatsFilter filter) {
    return list(filter).stream().map(stats -> stats.getAttributes().getId()).toList();
  }

  private static PodSandboxStatsFilter filter(String id, Map<String, String> labels) {
    return PodSandboxStatsFilter.newBuilder().setId(id).putAllLabelSelector(labels).build();
  }

  private static void fails(ThrowingCallable call, Kind kind, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(words);
  }
}
