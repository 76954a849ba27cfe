package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.TestSpecs;
import dev.longshore.kernel.BlockDevices;
import dev.longshore.kernel.CgroupDetailReader;
import dev.longshore.kernel.FakeCgroups;
import dev.longshore.kernel.Processes;
import dev.longshore.view.Mutation;
import dev.longshore.view.SandboxView;
import dev.longshore.view.View;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Containers of a fake daemon, seen through a real view, with cgroups of plain files. */
final class StatsRig implements AutoCloseable {
  private static final String IMAGE = "longshore.local/busybox:1";

  final FakeDockerEngine docker = new FakeDockerEngine();
  final FakeCgroups cgroups;
  final View view = new View(docker, _ -> {}, _ -> {});
  final ContainerStatsQueries queries;
  final PodStatsQueries pods;
  final PodMetricsQueries metrics;
  final WritableLayers layers;
  final Set<SandboxView> unfinished = new HashSet<>();

  private final Path root;

  StatsRig(Path root) {
    this.root = root;
    docker.addImage(IMAGE);
    cgroups = FakeCgroups.v2(root);
    Processes processes = new Processes(cgroups.proc());
    layers = new WritableLayers(processes, () -> Optional.of(root.resolve("docker")));
    CgroupSampler sampler = new CgroupSampler(cgroups.reader());
    queries = new ContainerStatsQueries(view::snapshot, sampler, layers);
    pods =
        new PodStatsQueries(
            view::snapshot, sandbox -> !unfinished.contains(sandbox), sampler, layers);
    view.addListener(layers);
    view.addListener(sampler);
    metrics =
        new PodMetricsQueries(
            view::snapshot,
            sandbox -> !unfinished.contains(sandbox),
            new PodMetricsQueries.Samplers(
                sampler,
                new DetailSampler(cgroups.reader(), new CgroupDetailReader(processes)),
                layers,
                new BlockDevices(cgroups.proc())));
    view.start();
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  /** A container that was created and never started. */
  ContainerId create(String name, ContainerId sandbox, Map<String, String> labels) {
    ContainerId id = docker.create(spec(name, sandbox, labels), soon());
    refresh(id);
    return id;
  }

  /** A container that runs, with its cgroup. */
  ContainerId run(String name, ContainerId sandbox, Map<String, String> labels) {
    return run(spec(name, sandbox, labels));
  }

  private ContainerId run(ContainerSpec spec) {
    ContainerId id = docker.create(spec, soon());
    docker.start(id, soon());
    cgroups.put(pid(id), id.value());
    cgroups.overlay(pid(id), "layer-" + spec.name() + "/diff");
    refresh(id);
    return id;
  }

  /** The folder that a container of that name keeps what it writes in; must be made before it. */
  Path layer(String name, ContainerId sandbox) throws IOException {
    return Files.createDirectories(
        root.resolve("docker/overlay2")
            .resolve("layer-" + dockerName(name, sandbox))
            .resolve("diff"));
  }

  /** What is known of a container's writable layer. */
  Optional<LayerUse> layerUse(ContainerId id) {
    return layers.of(view.snapshot().container(id.value()).orElseThrow());
  }

  /** A pod's sandbox that runs, with its cgroup; in a pod cgroup unless the parent is empty. */
  ContainerId sandbox(String pod, String cgroupParent, String network, Map<String, String> labels) {
    KubeLabels.Metadata metadata =
        new KubeLabels.Metadata(labels, Map.of("note", pod), Optional.of(""), "", "hash");
    ContainerSpec plain =
        TestSpecs.container(
            KubeName.sandbox(pod, "default", "uid-" + pod, 1).toDockerName(), IMAGE);
    NamespaceSpec namespaces =
        new NamespaceSpec(network, "", "", "", "", cgroupParent, Map.of(), DnsSpec.DEFAULT);
    return run(
        TestSpecs.withNamespaces(
            TestSpecs.withLabels(plain, KubeLabels.forSandbox(metadata)), namespaces));
  }

  void exit(ContainerId id) {
    docker.exit(id.value(), 0);
    refresh(id);
  }

  int pid(ContainerId id) {
    return switch (docker.peek(id.value()).orElseThrow().state()) {
      case EngineState.Running running -> running.pid();
      case EngineState.Created _, EngineState.Exited _ ->
          throw new AssertionError(id + " does not run");
    };
  }

  @Override
  public void close() {
    view.close();
    layers.close();
  }

  private void refresh(ContainerId id) {
    try (Mutation mutation = view.mutate(docker.peek(id.value()).orElseThrow().name())) {
      mutation.refresh(id, soon());
    }
  }

  private static ContainerSpec spec(String name, ContainerId sandbox, Map<String, String> labels) {
    KubeLabels.Metadata metadata =
        new KubeLabels.Metadata(labels, Map.of("note", name), Optional.empty(), IMAGE, "hash");
    return TestSpecs.withLabels(
        TestSpecs.container(dockerName(name, sandbox), IMAGE),
        KubeLabels.forContainer(metadata, sandbox.value(), ""));
  }

  private static String dockerName(String name, ContainerId sandbox) {
    return new KubeName(name, "pod", "default", "uid-" + sandbox.shortForm(), 3).toDockerName();
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
