package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.TestSpecs;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pods and containers for the tests of the view. */
final class Samples {
  static final String IMAGE = "registry.k8s.io/pause:3.10";
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Samples() {}

  static ContainerId id(int number) {
    return new ContainerId("%064x".formatted(number));
  }

  static String sandboxName(String pod) {
    return KubeName.sandbox(pod, "default", "uid", 0).toDockerName();
  }

  static String containerName(String pod) {
    return new KubeName("web", pod, "default", "uid", 0).toDockerName();
  }

  static ContainerSpec sandboxSpec(String pod) {
    return spec(sandboxName(pod), KubeLabels.forSandbox(metadata(pod)));
  }

  static ContainerSpec containerSpec(String pod, ContainerId sandbox) {
    return spec(
        containerName(pod),
        KubeLabels.forContainer(metadata(pod), sandbox.value(), "/var/log/pods/" + pod + "/0.log"));
  }

  static ContainerSpec spec(String name, Map<String, String> labels) {
    return TestSpecs.withLabels(TestSpecs.container(name, IMAGE), labels);
  }

  /** What CreateContainer makes up of its request. */
  static EngineContainer fresh(ContainerId id, ContainerSpec spec) {
    return engine(id, spec.name(), spec.labels(), START);
  }

  /** A sandbox of pod {@code p<number>}, created that many seconds after the start. */
  static EngineContainer sandbox(int number) {
    String pod = "p" + number;
    return engine(
        id(number),
        sandboxName(pod),
        KubeLabels.forSandbox(metadata(pod)),
        START.plusSeconds(number));
  }

  static EngineContainer container(int number, ContainerId sandbox) {
    String pod = "p" + number;
    return engine(
        id(number),
        containerName(pod),
        KubeLabels.forContainer(metadata(pod), sandbox.value(), ""),
        START.plusSeconds(number));
  }

  static EngineContainer engine(
      ContainerId id, String name, Map<String, String> labels, Instant created) {
    return new EngineContainer(
        id,
        name,
        created,
        new EngineState.Created(),
        "sha256:" + "1".repeat(64),
        IMAGE,
        labels,
        new HostSettings("none", "", "", "runc", "", false, false, "", "", ResourceSpec.NONE),
        List.of(),
        "");
  }

  static EngineState running() {
    return new EngineState.Running(1, START, false);
  }

  private static KubeLabels.Metadata metadata(String pod) {
    return new KubeLabels.Metadata(
        Map.of("app", pod), Map.of("note", pod), Optional.empty(), "", "hash");
  }
}
