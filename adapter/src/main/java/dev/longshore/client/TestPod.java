package dev.longshore.client;

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
import java.util.Map;
import java.util.UUID;

/**
 * A pod that only exists to be looked at: every call about it, by name. Nothing here judges what
 * comes back. Thread-safe.
 */
public final class TestPod {
  // The kubelet's own bounds.
  private static final Duration RUN_LIMIT = Duration.ofMinutes(4);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final int GRACE_SECONDS = 10;
  private static final int EXEC_SECONDS = 20;

  private final CriClient client;
  private final String uid = UUID.randomUUID().toString();
  private final PodSandboxConfig config;

  /**
   * A pod that does not run yet.
   *
   * @param prefix what its name starts with
   * @param logs its log folder
   * @param labels beside those that the kubelet gives a pod
   */
  public TestPod(
      CriClient client, String namespace, String prefix, Path logs, Map<String, String> labels) {
    this.client = client;
    String name = prefix + "-" + uid.substring(0, 8);
    this.config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setNamespace(namespace).setUid(uid))
            .setHostname(name)
            .setLogDirectory(logs.toString())
            .putLabels("io.kubernetes.pod.name", name)
            .putLabels("io.kubernetes.pod.namespace", namespace)
            .putLabels("io.kubernetes.pod.uid", uid)
            .putAllLabels(labels)
            .build();
  }

  public String hostname() {
    return config.getHostname();
  }

  /** Starts the sandbox; its id. */
  public String run() {
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();
    return client.runtime(RUN_LIMIT, stub -> stub.runPodSandbox(request)).getPodSandboxId();
  }

  public PodSandboxStatus status(String sandbox) {
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build();
    return client.runtime(LIMIT, stub -> stub.podSandboxStatus(request)).getStatus();
  }

  /** Creates a container that does nothing until it is told to stop; its id. */
  public String create(String sandbox, String name, String image) {
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

  public Object start(String container) {
    var request = StartContainerRequest.newBuilder().setContainerId(container).build();
    return client.runtime(LIMIT, stub -> stub.startContainer(request));
  }

  /**
   * Runs a command and returns what it printed.
   *
   * @throws CriException INTERNAL when the command fails
   */
  public String exec(String container, String... command) {
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

  public Object stop(String container) {
    StopContainerRequest request =
        StopContainerRequest.newBuilder()
            .setContainerId(container)
            .setTimeout(GRACE_SECONDS)
            .build();
    return client.runtime(LIMIT, stub -> stub.stopContainer(request));
  }

  public Object remove(String container) {
    var request = RemoveContainerRequest.newBuilder().setContainerId(container).build();
    return client.runtime(LIMIT, stub -> stub.removeContainer(request));
  }

  public Object stopSandbox(String sandbox) {
    var request = StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build();
    return client.runtime(LIMIT, stub -> stub.stopPodSandbox(request));
  }

  public Object removeSandbox(String sandbox) {
    var request = RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build();
    return client.runtime(LIMIT, stub -> stub.removePodSandbox(request));
  }

  /** The ids of this pod's sandboxes in the whole list. */
  public List<String> sandboxes() {
    var request = ListPodSandboxRequest.getDefaultInstance();
    return client.runtime(LIMIT, stub -> stub.listPodSandbox(request)).getItemsList().stream()
        .filter(item -> item.getMetadata().getUid().equals(uid))
        .map(PodSandbox::getId)
        .toList();
  }

  /** The ids of the containers of a sandbox in the whole list. */
  public List<String> containers(String sandbox) {
    var request = ListContainersRequest.getDefaultInstance();
    return client.runtime(LIMIT, stub -> stub.listContainers(request)).getContainersList().stream()
        .filter(item -> item.getPodSandboxId().equals(sandbox))
        .map(Container::getId)
        .toList();
  }
}
