package dev.longshore.it;

import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.LinuxPodSandboxConfig;
import dev.longshore.cri.v1.LinuxSandboxSecurityContext;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What a kubelet asks of a node, in short words. */
final class Pods {
  private static final Path LOGS = Path.of("/var/log/pods");

  private final TestNode node;

  Pods(TestNode node) {
    this.node = node;
  }

  /** The configuration of a pod, as a kubelet would send it for a pod without special wishes. */
  PodSandboxConfig config(String name, int attempt) {
    String uid = node.uidPrefix() + name;
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setNamespace("it")
                .setUid(uid)
                .setAttempt(attempt))
        .setHostname(name)
        .setLogDirectory(LOGS.resolve("it_" + name + "_" + uid).toString())
        .putLabels("io.kubernetes.pod.name", name)
        .putLabels("io.kubernetes.pod.namespace", "it")
        .putLabels("io.kubernetes.pod.uid", uid)
        .build();
  }

  /** The same pod in the network of the node. */
  static PodSandboxConfig onHost(PodSandboxConfig config) {
    return config.toBuilder()
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(
                            NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE))))
        .build();
  }

  String run(PodSandboxConfig config) {
    return node.runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  static ContainerConfig container(String name, String... command) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(TestNode.BUSYBOX))
        .addAllCommand(List.of(command))
        .setLogPath(name + "/0.log")
        .putLabels("io.kubernetes.container.name", name)
        .build();
  }

  /** Where a container's log is on the node. */
  static Path log(PodSandboxConfig pod, ContainerConfig container) {
    return Path.of(pod.getLogDirectory(), container.getLogPath());
  }

  /** Removes the logs of all pods of this node, as a kubelet does in the end. */
  void removeLogs() throws IOException {
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(LOGS, "*_" + node.uidPrefix() + "*")) {
      for (Path folder : folders) {
        try (Stream<Path> walk = Files.walk(folder)) {
          for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
            Files.deleteIfExists(path);
          }
        }
      }
    }
  }

  String create(String sandbox, PodSandboxConfig pod, ContainerConfig container) {
    return node.runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setConfig(container)
                .setSandboxConfig(pod)
                .build())
        .getContainerId();
  }

  String start(String sandbox, PodSandboxConfig pod, ContainerConfig container) {
    String id = create(sandbox, pod, container);
    node.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  ExecSyncResponse exec(String container, String... command) {
    return node.runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTimeout(30)
                .build());
  }

  ContainerStatus status(String container) {
    return node.runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  String ip(String sandbox) {
    return node.runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build())
        .getStatus()
        .getNetwork()
        .getIp();
  }

  /** Sandboxes of this node; the Engine may hold those of others. */
  List<PodSandbox> sandboxes() {
    return node
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .filter(sandbox -> sandbox.getMetadata().getUid().startsWith(node.uidPrefix()))
        .toList();
  }

  List<dev.longshore.cri.v1.Container> containers() {
    return node
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList()
        .stream()
        .filter(
            container ->
                sandboxes().stream().anyMatch(s -> s.getId().equals(container.getPodSandboxId())))
        .toList();
  }

  void remove(String sandbox) {
    node.runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    node.runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
  }
}
