package dev.longshore.cli;

import dev.longshore.client.CriClient;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** The pod of a self-test: every call about it, by name. Nothing here judges what comes back. */
final class TestPod {
  // The kubelet's own bounds.
  private static final Duration RUN_LIMIT = Duration.ofMinutes(4);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int GRACE_SECONDS = 10;
  private static final int EXEC_SECONDS = 20;
  private static final String NAMESPACE = "longshore-selftest";

  private final CriClient client;
  private final String uid = UUID.randomUUID().toString();
  private final PodSandboxConfig config;

  /** {@code logs} is the pod's log folder. */
  TestPod(CriClient client, Path logs) {
    this.client = client;
    String name = "selftest-" + uid.substring(0, 8);
    this.config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setNamespace(NAMESPACE).setUid(uid))
            .setHostname(name)
            .setLogDirectory(logs.toString())
            .putLabels("io.kubernetes.pod.name", name)
            .putLabels("io.kubernetes.pod.namespace", NAMESPACE)
            .putLabels("io.kubernetes.pod.uid", uid)
            .build();
  }

  String hostname() {
    return config.getHostname();
  }

  /** Starts the sandbox; its id. */
  String run() {
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
    return client.runtime(RUN_LIMIT, stub -> stub.runPodSandbox(request)).getPodSandboxId();
  }

  PodSandboxStatus status(String sandbox) {
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build();
    return client.runtime(LIMIT, stub -> stub.podSandboxStatus(request)).getStatus();
  }

  /** Creates a container that does nothing until it is told to stop; its id. */
  String create(String sandbox, String name, String image) {
    CreateContainerRequest request =
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandbox)
            .setSandboxConfig(config)
            .setConfig(
                ContainerConfig.newBuilder()
                    .setMetadata(ContainerMetadata.newBuilder().setName(name))
                    .setImage(ImageSpec.newBuilder().setImage(image))
                    .addAllCommand(List.of("sh", "-c", "trap 'exit 0' TERM; sleep 3600 & wait"))
                    .setLogPath(name + "/0.log"))
            .build();
    return client.runtime(LIMIT, stub -> stub.createContainer(request)).getContainerId();
  }

  Object start(String container) {
    var request = StartContainerRequest.newBuilder().setContainerId(container).build();
    return client.runtime(LIMIT, stub -> stub.startContainer(request));
  }

  /**
   * Runs a command and returns what it printed.
   *
   * @throws CriException INTERNAL when the command fails
   */
  String exec(String container, String... command) {
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(container)
            .addAllCmd(List.of(command))
            .setTimeout(EXEC_SECONDS)
            .build();
    ExecSyncResponse answer = client.runtime(LIMIT, stub -> stub.execSync(request));
    if (answer.getExitCode() != 0) {
      throw new CriException(
          Kind.INTERNAL,
          "%s ended with code %d: %s"
              .formatted(
                  String.join(" ", command),
                  answer.getExitCode(),
                  answer.getStderr().toStringUtf8().strip()));
    }
    return answer.getStdout().toStringUtf8().strip();
  }

  Object stop(String container) {
    StopContainerRequest request =
        StopContainerRequest.newBuilder()
            .setContainerId(container)
            .setTimeout(GRACE_SECONDS)
            .build();
    return client.runtime(LIMIT, stub -> stub.stopContainer(request));
  }

  Object remove(String container) {
    var request = RemoveContainerRequest.newBuilder().setContainerId(container).build();
    return client.runtime(LIMIT, stub -> stub.removeContainer(request));
  }

  Object stopSandbox(String sandbox) {
    var request = StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build();
    return client.runtime(LIMIT, stub -> stub.stopPodSandbox(request));
  }

  Object removeSandbox(String sandbox) {
    var request = RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build();
    return client.runtime(LIMIT, stub -> stub.removePodSandbox(request));
  }

  /** The ids of this pod's sandboxes in the whole list. */
  List<String> sandboxes() {
    var request = ListPodSandboxRequest.getDefaultInstance();
    return client.runtime(LIMIT, stub -> stub.listPodSandbox(request)).getItemsList().stream()
        .filter(item -> item.getMetadata().getUid().equals(uid))
        .map(PodSandbox::getId)
        .toList();
  }

  /** The ids of the containers of a sandbox in the whole list. */
  List<String> containers(String sandbox) {
    var request = ListContainersRequest.getDefaultInstance();
    return client.runtime(LIMIT, stub -> stub.listContainers(request)).getContainersList().stream()
        .filter(item -> item.getPodSandboxId().equals(sandbox))
        .map(Container::getId)
        .toList();
  }
}
