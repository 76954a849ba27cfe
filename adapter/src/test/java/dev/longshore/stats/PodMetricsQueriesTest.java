package dev.longshore.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerMetrics;
import dev.longshore.cri.v1.Metric;
import dev.longshore.cri.v1.MetricDescriptor;
import dev.longshore.cri.v1.MetricType;
import dev.longshore.cri.v1.PodSandboxMetrics;
import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PodMetricsQueriesTest {
  // What critest asks for, by the names of cAdvisor.
  private static final List<String> EXPECTED =
      """
      blkio_device_usage_total cpu_cfs_periods_total cpu_cfs_throttled_periods_total
      cpu_cfs_throttled_seconds_total cpu_system_seconds_total cpu_usage_seconds_total
      cpu_user_seconds_total file_descriptors fs_inodes_free fs_inodes_total fs_limit_bytes
      fs_reads_bytes_total fs_reads_total fs_usage_bytes fs_writes_bytes_total fs_writes_total
      hugetlb_max_usage_bytes hugetlb_usage_bytes last_seen memory_cache memory_failcnt
      memory_failures_total memory_kernel_usage memory_mapped_file memory_max_usage_bytes memory_rss
      memory_swap memory_usage_bytes memory_working_set_bytes network_receive_bytes_total
      network_receive_errors_total network_receive_packets_dropped_total
      network_receive_packets_total network_transmit_bytes_total network_transmit_errors_total
      network_transmit_packets_dropped_total network_transmit_packets_total oom_events_total
      pressure_cpu_stalled_seconds_total pressure_cpu_waiting_seconds_total
      pressure_io_stalled_seconds_total pressure_io_waiting_seconds_total
      pressure_memory_stalled_seconds_total pressure_memory_waiting_seconds_total processes sockets
      spec_cpu_period spec_cpu_quota spec_cpu_shares spec_memory_limit_bytes
      spec_memory_reservation_limit_bytes spec_memory_swap_limit_bytes start_time_seconds threads
      threads_max ulimits_soft
      """
          .lines()
          .flatMap(line -> List.of(line.split(" ")).stream())
          .map("container_"::concat)
          .toList();

  @TempDir Path root;
  private StatsRig rig;

  @BeforeEach
  void start() {
    rig = new StatsRig(root);
    rig.cgroups.podFile("cpu.stat", "usage_usec 7500000\n");
    rig.cgroups.podFile("memory.current", "500\n");
  }

  @AfterEach
  void end() {
    rig.close();
  }

  @Test
  void allNamesThatDashboardsKnowAreDescribedWithHelpAndLabels() {
    List<MetricDescriptor> descriptors = rig.metrics.descriptors().getDescriptorsList();

    assertThat(descriptors)
        .extracting(MetricDescriptor::getName)
        .containsExactlyInAnyOrderElementsOf(EXPECTED);
    assertThat(descriptors)
        .allSatisfy(
            descriptor -> {
              assertThat(descriptor.getHelp()).isNotEmpty();
              assertThat(descriptor.getLabelKeysList())
                  .startsWith("id", "name", "image", "namespace", "pod", "container")
                  .doesNotHaveDuplicates();
            });
  }

  @Test
  void allThatIsDescribedIsTold() throws IOException {
    ContainerId pod = pod("shop");
    var _ = rig.layer("web", pod);
    ContainerId web = rig.run("web", pod, Map.of());
    fill(web);
    Eventually.until("the layer is known", () -> rig.layerUse(web).isPresent());
    Map<String, Integer> keys =
        rig.metrics.descriptors().getDescriptorsList().stream()
            .collect(
                Collectors.toMap(MetricDescriptor::getName, MetricDescriptor::getLabelKeysCount));

    List<Metric> told = all(rig.metrics.list().getPodMetricsList().getFirst());

    List<String> optional =
        List.of(
            "container_spec_cpu_quota",
            "container_cpu_cfs_periods_total",
            "container_cpu_cfs_throttled_periods_total",
            "container_cpu_cfs_throttled_seconds_total",
            "container_hugetlb_max_usage_bytes");
    assertThat(told.stream().map(Metric::getName).distinct())
        .containsExactlyInAnyOrderElementsOf(
            EXPECTED.stream().filter(name -> !optional.contains(name)).toList());
    assertThat(told)
        .allSatisfy(
            metric -> {
              assertThat(metric.getLabelValuesCount()).isEqualTo(keys.get(metric.getName()));
              assertThat(metric.getTimestamp()).isPositive();
              assertThat(metric.getMetricType())
                  .isEqualTo(
                      metric.getName().matches(".*(?<!inodes)_total")
                              || metric.getName().equals("container_memory_failcnt")
                          ? MetricType.COUNTER
                          : MetricType.GAUGE);
            });
  }

  @Test
  void aContainersSeriesNameItAndItsPod() {
    ContainerId pod = pod("shop");
    ContainerId web = rig.run("web", pod, Map.of());

    ContainerMetrics metrics =
        rig.metrics.list().getPodMetricsList().getFirst().getContainerMetrics(0);

    assertThat(metrics.getContainerId()).isEqualTo(web.value());
    assertThat(labels("container_memory_rss", metrics.getMetricsList()))
        .containsExactly(
            entry("id", "/kubepods.slice/docker-" + web.value() + ".scope"),
            entry("name", "k8s_web_pod_default_uid-" + pod.shortForm() + "_3"),
            entry("image", "longshore.local/busybox:1"),
            entry("namespace", "default"),
            entry("pod", "pod"),
            entry("container", "web"));
  }

  @Test
  void aPodHasItsTrafficAndTheNumbersOfItsOwnCgroup() {
    ContainerId pod = pod("shop");

    PodSandboxMetrics metrics = rig.metrics.list().getPodMetricsList().getFirst();

    assertThat(metrics.getPodSandboxId()).isEqualTo(pod.value());
    assertThat(labels("container_network_receive_bytes_total", metrics.getMetricsList()))
        .contains(
            entry("id", "/kubepods.slice"),
            entry("namespace", "default"),
            entry("pod", "shop"),
            entry("container", ""),
            entry("interface", "eth0"));
    assertThat(value("container_network_transmit_packets_dropped_total", metrics)).isEqualTo(4);
    assertThat(value("container_memory_usage_bytes", metrics)).isEqualTo(500);
    assertThat(value("container_cpu_usage_seconds_total", metrics)).isEqualTo(7);
  }

  @Test
  void aPodWithoutACgroupOfItsOwnHasNoSeriesOfOne() {
    var _ = rig.sandbox("shop", "", "none", Map.of());

    assertThat(rig.metrics.list().getPodMetricsList().getFirst().getMetricsList())
        .extracting(Metric::getName)
        .containsOnly("container_last_seen", "container_start_time_seconds");
  }

  @Test
  void podsThatDoNotRunAreLeftOut() {
    rig.exit(pod("ended"));
    ContainerId runs = pod("runs");

    assertThat(rig.metrics.list().getPodMetricsList())
        .extracting(PodSandboxMetrics::getPodSandboxId)
        .containsExactly(runs.value());
  }

  @Test
  void theTextHasEachFamilyOnceAndFractionsOfSeconds() {
    ContainerId pod = pod("shop");
    rig.run("web", pod, Map.of());

    String text = text();

    for (String name : EXPECTED) {
      assertThat(text.lines().filter(("# HELP " + name + " ")::equals)).isEmpty();
      assertThat(text.lines().filter(line -> line.startsWith("# TYPE " + name + " "))).hasSize(1);
    }
    assertThat(text)
        .containsPattern(
            "container_cpu_usage_seconds_total\\{id=\"/kubepods.slice\",name=\"\",image=\"\","
                + "namespace=\"default\",pod=\"shop\",container=\"\",cpu=\"total\"} 7.5 [0-9]{13}");
  }

  @Test
  void whileDockerIsAwayThereIsNoTextRatherThanAnEmptyOne() {
    rig.docker.down();
    rig.docker.disconnect();
    Eventually.until("it is noticed", () -> !rig.view.health().ready());

    assertThatThrownBy(() -> rig.metrics.series())
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  private ContainerId pod(String name) {
    ContainerId pod = rig.sandbox(name, "kubepods.slice", "none", Map.of());
    rig.cgroups.network(
        rig.pid(pod),
        "    lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0",
        "  eth0: 100 9 1 2 0 0 0 0 200 8 3 4 0 0 0 0");
    return pod;
  }

  /** Something in every file that is read. */
  private void fill(ContainerId id) throws IOException {
    Map<String, String> files =
        Map.ofEntries(
            entry("cpu.stat", "usage_usec 3\nuser_usec 2\nsystem_usec 1\n"),
            entry("memory.stat", "anon 1\nfile 1\nfile_mapped 1\nkernel 1\n"),
            entry("memory.events", "max 1\noom_kill 1\n"),
            entry("memory.peak", "1\n"),
            entry("memory.swap.current", "1\n"),
            entry("io.stat", "254:0 rbytes=1 wbytes=1 rios=1 wios=1\n"),
            entry("hugetlb.2MB.current", "1\n"),
            entry("pids.current", "1\n"),
            entry("pids.max", "max\n"),
            entry("cgroup.procs", rig.pid(id) + "\n"),
            entry("cpu.pressure", pressure()),
            entry("memory.pressure", pressure()),
            entry("io.pressure", pressure()));
    files.forEach((file, text) -> rig.cgroups.memoryFile(id.value(), file, text));
    Path process = rig.cgroups.proc().resolve(Integer.toString(rig.pid(id)));
    Files.writeString(process.resolve("limits"), "Max open files   1024   4096   files\n");
  }

  private String text() {
    var out = new ByteArrayOutputStream();
    Exposition exposition = new Exposition(out, Format.TEXT);
    rig.metrics.series().writeTo(exposition);
    exposition.end();
    return out.toString(StandardCharsets.UTF_8);
  }

  private Map<String, String> labels(String name, List<Metric> metrics) {
    List<String> keys =
        rig.metrics.descriptors().getDescriptorsList().stream()
            .filter(descriptor -> descriptor.getName().equals(name))
            .findFirst()
            .orElseThrow()
            .getLabelKeysList();
    Metric metric = named(name, metrics);
    Map<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      labels.put(keys.get(i), metric.getLabelValues(i));
    }
    return labels;
  }

  private static long value(String name, PodSandboxMetrics metrics) {
    return named(name, metrics.getMetricsList()).getValue().getValue();
  }

  private static Metric named(String name, List<Metric> metrics) {
    return metrics.stream().filter(m -> m.getName().equals(name)).findFirst().orElseThrow();
  }

  private static List<Metric> all(PodSandboxMetrics pod) {
    List<Metric> all = new ArrayList<>(pod.getMetricsList());
    pod.getContainerMetricsList().forEach(container -> all.addAll(container.getMetricsList()));
    return all;
  }

  private static String pressure() {
    return """
    some avg10=0.00 avg60=0.00 avg300=0.00 total=12
    full avg10=0.00 avg60=0.00 avg300=0.00 total=12
    """;
  }
}
