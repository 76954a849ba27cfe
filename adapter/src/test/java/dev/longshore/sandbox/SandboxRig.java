package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.network.FakePodNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** What outlives a process: Docker, the network, the disk; and one process on them. */
abstract class SandboxRig {
  private static final Set<String> HEARTBEAT = Set.of("ping", "events", "info", "list");

  final FakeDockerEngine docker = new FakeDockerEngine();
  final FakePodNetworks network = new FakePodNetworks();
  @TempDir Path disk;
  Node node;

  @BeforeEach
  void start() {
    node = Node.start(docker, network, disk);
  }

  @AfterEach
  void end() {
    node.close();
  }

  /** The process is gone, and another one takes its place. */
  void restart() {
    node.close();
    node = Node.start(docker, network, disk);
  }

  /** Docker calls but for those that the view makes on its own time. */
  List<String> calls() {
    return docker.calls().stream().filter(c -> !HEARTBEAT.contains(c.split(" ", -1)[0])).toList();
  }

  void assertNothingLeft() {
    assertThat(docker.names()).isEmpty();
    assertThat(network.attached()).isEmpty();
    assertThat(recordFiles()).isEmpty();
    Eventually.until("the list is empty", () -> node.list().isEmpty());
  }

  List<String> recordFiles() {
    try (Stream<Path> files = Files.list(disk.resolve("sandbox"))) {
      return files.map(f -> f.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Somebody else makes a workload container that runs in the sandbox; known when this returns. */
  ContainerId runWorkload(ContainerId sandbox, String name) {
    ContainerSpec spec =
        spec(
            new KubeName(name, "web-0", "default", "7c1e", 0).toDockerName(),
            "container:" + sandbox,
            KubeLabels.forContainer(metadata(), sandbox.value(), ""));
    ContainerId id = docker.createBehind(spec);
    docker.startBehind(id.value());
    Eventually.until(
        name + " is known to run",
        () ->
            node.view
                .snapshot()
                .container(id.value())
                .filter(c -> c.engine().state() instanceof EngineState.Running)
                .isPresent());
    return id;
  }

  boolean runs(ContainerId id) {
    return docker
        .peek(id.value())
        .filter(c -> c.state() instanceof EngineState.Running)
        .isPresent();
  }

  static KubeLabels.Metadata metadata() {
    return new KubeLabels.Metadata(
        Map.of("app", "web"), Map.of("note", "x"), Optional.empty(), "", "");
  }

  static ContainerSpec spec(String name, String networkMode, Map<String, String> labels) {
    return new ContainerSpec(
        name,
        "registry.k8s.io/pause:3.10",
        labels,
        new ProcessSpec(List.of(), List.of(), List.of(), "", "", "", false, false, false),
        new NamespaceSpec(networkMode, "", "", "", "", "", Map.of(), DnsSpec.DEFAULT),
        new SecuritySpec(
            false,
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty()),
        ResourceSpec.NONE,
        List.of(),
        List.of(),
        List.of(),
        "",
        LogSpec.DAEMONS_CHOICE);
  }

  static <T> FutureTask<T> inBackground(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  static <T> T result(FutureTask<T> task) throws Exception {
    return task.get(20, TimeUnit.SECONDS);
  }
}
