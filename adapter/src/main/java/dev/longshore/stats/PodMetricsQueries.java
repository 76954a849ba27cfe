package dev.longshore.stats;

import dev.longshore.cri.v1.ContainerMetrics;
import dev.longshore.cri.v1.ListMetricDescriptorsResponse;
import dev.longshore.cri.v1.ListPodSandboxMetricsResponse;
import dev.longshore.cri.v1.MetricDescriptor;
import dev.longshore.cri.v1.MetricType;
import dev.longshore.cri.v1.PodSandboxMetrics;
import dev.longshore.kernel.BlockDevices;
import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Family;
import dev.longshore.metrics.Source;
import dev.longshore.stats.Metric.Out;
import dev.longshore.stats.Subjects.Pod;
import dev.longshore.view.ContainerView;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Metrics of pods and containers that run, under the names of cAdvisor: for the kubelet, which
 * shows them as its own, and as text for Prometheus. No Docker request. Thread-safe.
 *
 * <p>CRI's values are whole numbers, so that the kubelet sees seconds cut to whole ones; the text
 * has fractions.
 */
public final class PodMetricsQueries {
  private static final List<Metric> METRICS =
      Stream.of(
              CpuMetrics.ALL,
              MemoryMetrics.ALL,
              NetworkMetrics.ALL,
              DiskMetrics.ALL,
              TaskMetrics.ALL,
              PressureMetrics.ALL)
          .flatMap(List::stream)
          .toList();

  private final Supplier<Snapshot> snapshots;
  private final Predicate<SandboxView> complete;
  private final Samplers samplers;

  /**
   * {@code snapshots} answers at once, or throws UNAVAILABLE while Docker is away; what is not
   * {@code complete} is not listed yet.
   */
  public PodMetricsQueries(
      Supplier<Snapshot> snapshots, Predicate<SandboxView> complete, Samplers samplers) {
    this.snapshots = snapshots;
    this.complete = complete;
    this.samplers = samplers;
  }

  /** Where numbers come from. */
  public record Samplers(
      CgroupSampler cgroups, DetailSampler details, WritableLayers layers, BlockDevices devices) {}

  /** ListMetricDescriptors: what ListPodSandboxMetrics may hold. */
  public ListMetricDescriptorsResponse descriptors() {
    ListMetricDescriptorsResponse.Builder answer = ListMetricDescriptorsResponse.newBuilder();
    for (Metric metric : METRICS) {
      answer.addDescriptors(
          MetricDescriptor.newBuilder()
              .setName(metric.family().name())
              .setHelp(metric.family().help())
              .addAllLabelKeys(metric.family().labels()));
    }
    return answer.build();
  }

  /** ListPodSandboxMetrics: of the pods that run, newest first. */
  public ListPodSandboxMetricsResponse list() {
    ListPodSandboxMetricsResponse.Builder answer = ListPodSandboxMetricsResponse.newBuilder();
    for (Pod pod : pods()) {
      PodSandboxMetrics.Builder metrics =
          PodSandboxMetrics.newBuilder()
              .setPodSandboxId(pod.pod().id())
              .addAllMetrics(messages(pod.pod()));
      for (Subject container : pod.containers()) {
        metrics.addContainerMetrics(
            ContainerMetrics.newBuilder()
                .setContainerId(container.id())
                .addAllMetrics(messages(container)));
      }
      answer.addPodMetrics(metrics);
    }
    return answer.build();
  }

  /**
   * The same as series of text, read now.
   *
   * @throws dev.longshore.common.CriException UNAVAILABLE while Docker is away
   */
  public Source series() {
    List<Subject> subjects = pods().stream().flatMap(Pod::all).toList();
    return out -> METRICS.forEach(metric -> write(metric, subjects, out));
  }

  private List<Pod> pods() {
    Snapshot snapshot = snapshots.get();
    List<SandboxView> chosen = snapshot.sandboxes().stream().filter(complete).toList();
    List<Run> containers = new ArrayList<>();
    List<Run> all = new ArrayList<>();
    for (SandboxView sandbox : chosen) {
      Run.of(sandbox).ifPresent(all::add);
      for (ContainerView container : snapshot.containersOf(sandbox.id())) {
        Run.of(container).ifPresent(containers::add);
      }
    }
    all.addAll(containers);
    Supplier<Set<Run>> alive = () -> Run.all(snapshot);
    Subjects subjects =
        new Subjects(
            samplers.devices,
            samplers.layers,
            samplers.cgroups.sample(all, alive),
            samplers.details.sample(containers, alive));
    return chosen.stream().flatMap(sandbox -> subjects.of(sandbox, snapshot).stream()).toList();
  }

  private static List<dev.longshore.cri.v1.Metric> messages(Subject subject) {
    List<dev.longshore.cri.v1.Metric> messages = new ArrayList<>();
    long time = UsageMessages.nanos(subject.time());
    for (Metric metric : METRICS) {
      Family family = metric.family();
      Out out =
          (value, own) ->
              messages.add(
                  dev.longshore.cri.v1.Metric.newBuilder()
                      .setName(family.name())
                      .setTimestamp(time)
                      .setMetricType(type(family))
                      .addAllLabelValues(subject.labels())
                      .addAllLabelValues(List.of(own))
                      .setValue(UsageMessages.value((long) value))
                      .build());
      metric.values().of(subject, out);
    }
    return messages;
  }

  private static MetricType type(Family family) {
    return family.type() == Family.Type.COUNTER ? MetricType.COUNTER : MetricType.GAUGE;
  }

  private static void write(Metric metric, List<Subject> subjects, Exposition text) {
    text.family(metric.family());
    for (Subject subject : subjects) {
      Out out =
          (value, own) ->
              text.sample(
                  metric.family(),
                  Stream.concat(subject.labels().stream(), Stream.of(own)).toList(),
                  value,
                  subject.time().toEpochMilli());
      metric.values().of(subject, out);
    }
  }
}
