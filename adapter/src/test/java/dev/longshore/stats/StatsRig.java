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
import dev.longshore.kernel.FakeCgroups;
import dev.longshore.view.Mutation;
import dev.longshore.view.SandboxView;
import dev.longshore.view.View;
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
  final Set<SandboxView> unfinished = new HashSet<>();

  StatsRig(Path root) {
    docker.addImage(IMAGE);
    cgroups = FakeCgroups.v2(root);
    CgroupSampler sampler = new CgroupSampler(cgroups.reader());
    queries = new ContainerStatsQueries(view::snapshot, sampler);
    pods = new PodStatsQueries(view::snapshot, sandbox -> !unfinished.contains(sandbox), sampler);
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
    refresh(id);
    return id;
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
  }

  private void refresh(ContainerId id) {
    try (Mutation mutation = view.mutate(docker.peek(id.value()).orElseThrow().name())) {
      mutation.refresh(id, soon());
    }
  }

  private static ContainerSpec spec(String name, ContainerId sandbox, Map<String, String> labels) {
    KubeLabels.Metadata metadata =
        new KubeLabels.Metadata(labels, Map.of("note", name), Optional.empty(), IMAGE, "hash");
    String dockerName =
        new KubeName(name, "pod", "default", "uid-" + sandbox.shortForm(), 3).toDockerName();
    return TestSpecs.withLabels(
        TestSpecs.container(dockerName, IMAGE),
        KubeLabels.forContainer(metadata, sandbox.value(), ""));
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
