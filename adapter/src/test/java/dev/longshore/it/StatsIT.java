package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerStats;
import dev.longshore.cri.v1.ContainerStatsRequest;
import dev.longshore.cri.v1.CpuUsage;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.LinuxPodSandboxConfig;
import dev.longshore.cri.v1.LinuxPodSandboxStats;
import dev.longshore.cri.v1.ListPodSandboxMetricsRequest;
import dev.longshore.cri.v1.MemoryUsage;
import dev.longshore.cri.v1.Metric;
import dev.longshore.cri.v1.NetworkInterfaceUsage;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxStatsRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Loads of known size, as Longshore tells them beside what Docker and the kernel tell. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StatsIT {
  private static final int MIB = 1 << 20;
  private static final double PERCENT = 2;

  private final TestNode node;
  private final Pods pods;

  StatsIT() throws IOException {
    node = new TestNode(DockerApi.ofMachine());
    pods = new Pods(node);
  }

  @BeforeAll
  void start() throws IOException {
    node.start();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (var sandbox : pods.sandboxes()) {
      pods.remove(sandbox.getId());
    }
    node.assertNothingLeft();
  }

  @AfterAll
  void end() throws IOException {
    node.close();
    pods.removeLogs();
  }

  @Test
  void cpuTimeIsThatOfDockersCounterAndItsRateWhatIsUsedPerSecond() throws IOException {
    PodSandboxConfig pod = pods.config("burner", 0);
    String script = "timeout 4 sh -c 'while :; do :; done'; sleep 1000";
    String id =
        pods.start(
            pods.run(pod),
            pod,
            limited("burner", r -> r.setCpuPeriod(100_000).setCpuQuota(30_000), script));

    CpuUsage first = fresh(id).getCpu();
    CpuUsage second = fresh(id).getCpu();
    long used = used(second) - used(first);
    double seconds = (second.getTimestamp() - first.getTimestamp()) / 1e9;
    assertThat((double) second.getUsageNanoCores().getValue())
        .isCloseTo(used / seconds, withPercentage(PERCENT));
    assertThat(second.getUsageNanoCores().getValue()).isBetween(10_000_000L, 420_000_000L);

    TestNode.await(
        "the load is over", () -> fresh(id).getCpu().getUsageNanoCores().getValue() < 1_000_000);
    assertThat(used(fresh(id).getCpu()))
        .isGreaterThan(used(second))
        .isCloseTo(
            ofDocker(id).path("cpu_stats").path("cpu_usage").path("total_usage").asLong(),
            withPercentage(PERCENT));
  }

  @Test
  void memoryIsThatOfDockerWithoutThePageCacheThatCanGo() throws IOException {
    PodSandboxConfig pod = pods.config("cache", 0);
    String script = "dd if=/dev/zero of=/big bs=1M count=64; sleep 1000";
    String id =
        pods.start(
            pods.run(pod), pod, limited("cache", r -> r.setMemoryLimitInBytes(256L * MIB), script));

    // The kernel writes back and takes back meanwhile.
    TestNode.await("both tell the same", () -> agreesOnMemory(id));

    assertThat(metric(id, "container_memory_cache")).isBetween(16L * MIB, 66L * MIB);
    assertThat(metric(id, "container_spec_memory_limit_bytes")).isEqualTo(256L * MIB);
  }

  private boolean agreesOnMemory(String id) {
    MemoryUsage memory = fresh(id).getMemory();
    JsonNode docker = ofDocker(id).path("memory_stats");
    double usage = docker.path("usage").asDouble();
    JsonNode detail = docker.path("stats");
    double inactive =
        detail.path("total_inactive_file").asDouble(detail.path("inactive_file").asDouble());
    return inactive > 16 * MIB
        && isClose(memory.getUsageBytes().getValue(), usage)
        && isClose(memory.getWorkingSetBytes().getValue(), usage - inactive);
  }

  private static boolean isClose(long ours, double theirs) {
    return Math.abs(ours - theirs) <= theirs * PERCENT / 100;
  }

  @Test
  void trafficIsWhatWentOverThePodsInterface() throws Exception {
    PodSandboxConfig pod = pods.config("web", 0);
    String sandbox = pods.run(pod);
    String script =
        "mkdir /www && dd if=/dev/zero of=/www/big bs=1M count=20 && httpd -f -p 8080 -h /www";
    pods.start(sandbox, pod, Pods.container("web", "sh", "-c", script));
    URI file = URI.create("http://%s:8080/big".formatted(pods.ip(sandbox)));
    long before = traffic(sandbox).getTxBytes().getValue();

    try (HttpClient client = HttpClient.newHttpClient()) {
      TestNode.await("20 MiB are served", () -> length(client, file) == 20 * MIB);
    }

    NetworkInterfaceUsage after = traffic(sandbox);
    assertThat(after.getName()).isEqualTo("eth0");
    assertThat(after.getTxBytes().getValue() - before)
        .isCloseTo(20L * MIB, withPercentage(PERCENT));
    assertThat(after.getRxBytes().getValue()).isPositive().isLessThan(2L * MIB);
    assertThat(metric(sandbox, "container_network_transmit_bytes_total"))
        .isEqualTo(after.getTxBytes().getValue());
  }

  @Test
  void filesThatAContainerHasWrittenAreInItsLayerWithTheirInodes() throws IOException {
    PodSandboxConfig pod = pods.config("writer", 0);
    String script =
        "mkdir /out; for i in $(seq 1 40); do dd if=/dev/zero of=/out/$i bs=256k count=1; done;"
            + " touch /done; sleep 1000";
    String id = pods.start(pods.run(pod), pod, Pods.container("writer", "sh", "-c", script));

    // Topmost folder, /out, forty files, /done.
    TestNode.await(
        "all is counted", () -> stats(id).getWritableLayer().getInodesUsed().getValue() == 43);

    long docker =
        node.docker().get("/containers/%s/json?size=1".formatted(id)).path("SizeRw").asLong();
    assertThat(docker).isEqualTo(10L * MIB);
    assertThat(stats(id).getWritableLayer().getUsedBytes().getValue())
        .isCloseTo(docker, withPercentage(PERCENT));
    assertThat(metric(id, "container_fs_usage_bytes"))
        .isEqualTo(stats(id).getWritableLayer().getUsedBytes().getValue());
  }

  @Test
  void aPodsNumbersAreThoseOfItsOwnCgroupWithAllItsContainers() throws IOException {
    String driver = node.docker().get("/info").path("CgroupDriver").asText();
    String parent =
        driver.equals("systemd")
            ? "%s.slice".formatted(node.uidPrefix().replace("-", ""))
            : "/" + node.uidPrefix();
    PodSandboxConfig pod =
        pods.config("pod", 0).toBuilder()
            .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(parent))
            .build();
    String sandbox = pods.run(pod);
    String script = "head -c 20000000 /dev/zero | tail > /dev/null; sleep 1000";
    String one = pods.start(sandbox, pod, Pods.container("one", "sh", "-c", script));
    String two = pods.start(sandbox, pod, Pods.container("two", "sleep", "1000"));

    LinuxPodSandboxStats stats = podStats(sandbox);

    assertThat(stats.getContainersList())
        .extracting(c -> c.getAttributes().getId())
        .containsExactlyInAnyOrder(one, two);
    long containers =
        stats.getContainersList().stream()
            .mapToLong(c -> c.getCpu().getUsageCoreNanoSeconds().getValue())
            .sum();
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isGreaterThan(containers / 2);
    assertThat(stats.getProcess().getProcessCount().getValue()).isBetween(3L, 6L);
    assertThat(stats.getMemory().getUsageBytes().getValue()).isPositive();
    pods.remove(sandbox);
    removeCgroups(parent);
  }

  private static void removeCgroups(String parent) throws IOException {
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path hierarchy : hierarchies.toList()) {
        Files.deleteIfExists(Path.of(hierarchy + parent));
      }
    }
  }

  private static ContainerConfig limited(
      String name, UnaryOperator<LinuxContainerResources.Builder> limits, String script) {
    return Pods.container(name, "sh", "-c", script).toBuilder()
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setResources(limits.apply(LinuxContainerResources.newBuilder())))
        .build();
  }

  private ContainerStats stats(String id) {
    return node.runtime()
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build())
        .getStats();
  }

  /** Read after this call began: samples serve for a second. */
  private ContainerStats fresh(String id) {
    long now = nowNanos();
    TestNode.await("a new sample", () -> stats(id).getCpu().getTimestamp() >= now);
    return stats(id);
  }

  private LinuxPodSandboxStats podStats(String sandbox) {
    PodSandboxStatsRequest request =
        PodSandboxStatsRequest.newBuilder().setPodSandboxId(sandbox).build();
    long now = nowNanos();
    TestNode.await(
        "a new sample",
        () ->
            node.runtime().podSandboxStats(request).getStats().getLinux().getCpu().getTimestamp()
                >= now);
    return node.runtime().podSandboxStats(request).getStats().getLinux();
  }

  private NetworkInterfaceUsage traffic(String sandbox) {
    return podStats(sandbox).getNetwork().getDefaultInterface();
  }

  /** The one value of a metric of a container or pod. */
  private long metric(String id, String name) {
    List<Metric> found =
        node
            .runtime()
            .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
            .getPodMetricsList()
            .stream()
            .flatMap(
                pod ->
                    Stream.concat(
                        pod.getPodSandboxId().equals(id)
                            ? pod.getMetricsList().stream()
                            : Stream.of(),
                        pod.getContainerMetricsList().stream()
                            .filter(container -> container.getContainerId().equals(id))
                            .flatMap(container -> container.getMetricsList().stream())))
            .filter(metric -> metric.getName().equals(name))
            .toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst().getValue().getValue();
  }

  private JsonNode ofDocker(String id) {
    try {
      return node.docker().get("/v1.41/containers/%s/stats?stream=0&one-shot=1".formatted(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long used(CpuUsage cpu) {
    return cpu.getUsageCoreNanoSeconds().getValue();
  }

  private static int length(HttpClient client, URI file) {
    try {
      return client
          .send(HttpRequest.newBuilder(file).build(), BodyHandlers.ofByteArray())
          .body()
          .length;
    } catch (IOException e) {
      return -1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private static long nowNanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
