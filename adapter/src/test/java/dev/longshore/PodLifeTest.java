package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.PodSandboxStatusResponse;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.RuntimeConfigRequest;
import dev.longshore.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.cri.v1.VersionRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pod through the real socket: what the kubelet sees, and what Docker is asked for it. */
@Timeout(60)
class PodLifeTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final PodSandboxConfig POD =
      PodSandboxConfig.newBuilder()
          .setMetadata(
              PodSandboxMetadata.newBuilder().setName("web").setNamespace("shop").setUid("u-1"))
          .build();

  private final FakeNode node;

  PodLifeTest(@TempDir Path folder) {
    node = new FakeNode(folder);
  }

  @BeforeEach
  void connect() {
    node.ready();
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void aPodComesRunsAndGoes() {
    String sandbox = runPod();
    String container = createContainer(sandbox);
    assertThat(containerStatus(container).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_CREATED);
    startContainer(container);
    assertThat(containerStatus(container).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    PodSandboxStatusResponse status = sandboxStatus(sandbox);
    assertThat(status.getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getStatus().getNetwork().getIp()).startsWith("10.1.0.");
    assertThat(sandboxes()).containsExactly(sandbox);
    assertThat(containers()).containsExactly(container);

    stopPod(sandbox);
    assertThat(sandboxStatus(sandbox).getStatus().getState())
        .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(containerStatus(container).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(node.networks.attached()).isEmpty();

    removePod(sandbox);
    assertThat(sandboxes()).isEmpty();
    assertThat(containers()).isEmpty();
    assertThat(node.docker.names()).isEmpty();
    assertThatThrownBy(() -> sandboxStatus(sandbox))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
  }

  @Test
  void aPodWithOneContainerCostsSixDockerRequests() {
    startContainer(createContainer(runPod()));
    node.docker.clearCalls();
    String sandbox = runPod("second");
    String container = createContainer(sandbox);
    startContainer(container);
    assertThat(node.docker.calls()).hasSizeLessThanOrEqualTo(6);
    assertThat(node.docker.calls("create")).hasSize(2);
    assertThat(node.docker.calls("start")).hasSize(2);
  }

  @Test
  void readsCostNoDockerRequest() {
    String sandbox = runPod();
    String container = createContainer(sandbox);
    startContainer(container);
    node.docker.clearCalls();
    for (int i = 0; i < 20; i++) {
      assertThat(sandboxes()).hasSize(1);
      assertThat(containers()).hasSize(1);
      Message _ = sandboxStatus(sandbox);
      Message _ = containerStatus(container);
      Message _ = call(s -> s.version(VersionRequest.getDefaultInstance()));
      Message _ = call(s -> s.status(StatusRequest.newBuilder().setVerbose(true).build()));
      Message _ = call(s -> s.runtimeConfig(RuntimeConfigRequest.getDefaultInstance()));
    }
    assertThat(node.docker.calls()).isEmpty();
  }

  @Test
  void whileDockerIsAwayReadsAreUnavailableAndThenAsBefore() {
    String sandbox = runPod();
    node.docker.down();
    node.docker.disconnect();
    node.ready(false);
    assertUnavailable(this::sandboxes);
    assertUnavailable(() -> sandboxStatus(sandbox));
    assertUnavailable(() -> runPod("another"));
    assertThat(node.client().serving(LIMIT, "")).isFalse();
    node.docker.up();
    node.ready(true);
    assertThat(sandboxes()).containsExactly(sandbox);
    assertThat(node.client().serving(LIMIT, "")).isTrue();
  }

  private static void assertUnavailable(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  private String runPod() {
    return runPod("web");
  }

  private String runPod(String name) {
    PodSandboxMetadata metadata = POD.getMetadata().toBuilder().setName(name).build();
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder().setConfig(POD.toBuilder().setMetadata(metadata)).build();
    return call(s -> s.runPodSandbox(request)).getPodSandboxId();
  }

  private String createContainer(String sandbox) {
    ContainerConfig config =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("app"))
            .setImage(ImageSpec.newBuilder().setImage(FakeNode.IMAGE))
            .build();
    CreateContainerRequest request =
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(sandbox)
            .setConfig(config)
            .setSandboxConfig(POD)
            .build();
    return call(s -> s.createContainer(request)).getContainerId();
  }

  private void startContainer(String id) {
    var request = StartContainerRequest.newBuilder().setContainerId(id).build();
    Message _ = call(s -> s.startContainer(request));
  }

  private ContainerStatusResponse containerStatus(String id) {
    var request = ContainerStatusRequest.newBuilder().setContainerId(id).build();
    return call(s -> s.containerStatus(request));
  }

  private PodSandboxStatusResponse sandboxStatus(String id) {
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build();
    return call(s -> s.podSandboxStatus(request));
  }

  private List<String> sandboxes() {
    var request = ListPodSandboxRequest.getDefaultInstance();
    return call(s -> s.listPodSandbox(request)).getItemsList().stream()
        .map(item -> item.getId())
        .toList();
  }

  private List<String> containers() {
    var request = ListContainersRequest.getDefaultInstance();
    return call(s -> s.listContainers(request)).getContainersList().stream()
        .map(item -> item.getId())
        .toList();
  }

  private void stopPod(String id) {
    var request = StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build();
    Message _ = call(s -> s.stopPodSandbox(request));
  }

  private void removePod(String id) {
    var request = RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build();
    Message _ = call(s -> s.removePodSandbox(request));
  }

  private <R> R call(Function<RuntimeServiceBlockingStub, R> call) {
    return node.client().runtime(LIMIT, call);
  }
}
