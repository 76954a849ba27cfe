package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.DNSConfig;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.PortMapping;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** The life of pods and containers, through the socket, on a real Engine with real plugins. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodLifeIT {
  private final TestNode node = TestNode.of(DockerApi.ofMachine());
  private final Pods pods = new Pods(node);

  @BeforeAll
  void start() throws IOException {
    node.start();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (var sandbox : pods.sandboxes()) {
      pods.remove(sandbox.getId());
    }
    node.assertNothingLeft();
  }

  @AfterAll
  void end() throws IOException {
    node.close();
  }

  @Test
  void aPodHasTwoContainersThatShareItsNetworkAndName() {
    PodSandboxConfig pod = pods.config("two", 0);
    String sandbox = pods.run(pod);
    String web =
        pods.start(sandbox, pod, Pods.container("web", "httpd", "-f", "-p", "8080", "-h", "/etc"));
    String side = pods.start(sandbox, pod, Pods.container("side", "sleep", "1000"));

    assertThat(pods.ip(sandbox)).startsWith("10.213.");
    assertThat(text(pods.exec(side, "hostname"))).isEqualTo("two\n");
    assertThat(text(pods.exec(side, "wget", "-qO-", "http://127.0.0.1:8080/group")))
        .startsWith("root:");
    assertThat(text(pods.exec(web, "ip", "-4", "addr", "show", "eth0"))).contains(pods.ip(sandbox));
    assertThat(pods.containers()).hasSize(2).allMatch(c -> c.getState() == running());
  }

  @Test
  void namesAndLabelsInDockerAreThoseOfDockershim() throws IOException {
    PodSandboxConfig pod = pods.config("names", 3);
    String sandbox = pods.run(pod);
    String container =
        pods.create(
            sandbox,
            pod,
            Pods.container("app", "sleep", "1000").toBuilder()
                .putAnnotations("io.kubernetes.container.hash", "abcd1234")
                .build());

    JsonNode pause = node.docker().inspect(sandbox);
    JsonNode app = node.docker().inspect(container);
    String uid = pod.getMetadata().getUid();
    assertThat(pause.get("Name").asText()).isEqualTo("/k8s_POD_names_it_" + uid + "_3");
    assertThat(app.get("Name").asText()).isEqualTo("/k8s_app_names_it_" + uid + "_0");
    JsonNode labels = app.get("Config").get("Labels");
    assertThat(labels.get("io.kubernetes.docker.type").asText()).isEqualTo("container");
    assertThat(labels.get("io.kubernetes.sandbox.id").asText()).isEqualTo(sandbox);
    assertThat(labels.get("annotation.io.kubernetes.container.hash").asText())
        .isEqualTo("abcd1234");
    assertThat(labels.get("io.kubernetes.container.logpath").asText())
        .isEqualTo(pod.getLogDirectory() + "/app/0.log");

    ContainerStatus status = pods.status(container);
    assertThat(status.getLabelsMap()).containsOnlyKeys("io.kubernetes.container.name");
    assertThat(status.getAnnotationsMap()).containsOnlyKeys("io.kubernetes.container.hash");
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    assertThat(status.getImageRef()).startsWith("sha256:").isEqualTo(status.getImageId());
  }

  @Test
  void dnsComesFromThePodConfiguration() {
    PodSandboxConfig pod =
        pods.config("dns", 0).toBuilder()
            .setDnsConfig(
                DNSConfig.newBuilder()
                    .addServers("10.96.0.10")
                    .addSearches("it.svc.cluster.local")
                    .addOptions("ndots:5"))
            .build();
    String sandbox = pods.run(pod);
    String container = pods.start(sandbox, pod, Pods.container("app", "sleep", "1000"));
    assertThat(text(pods.exec(container, "cat", "/etc/resolv.conf")))
        .contains("nameserver 10.96.0.10", "search it.svc.cluster.local", "options ndots:5");
  }

  @Test
  void aHostPortLeadsToThePodUntilItStops() throws Exception {
    int hostPort = freePort();
    PodSandboxConfig pod =
        pods.config("ports", 0).toBuilder()
            .addPortMappings(PortMapping.newBuilder().setContainerPort(8080).setHostPort(hostPort))
            .build();
    String sandbox = pods.run(pod);
    pods.start(sandbox, pod, Pods.container("web", "httpd", "-f", "-p", "8080", "-h", "/etc"));
    AtomicReference<String> page = new AtomicReference<>("");
    TestNode.await(
        "a page through host port " + hostPort,
        () -> {
          try (InputStream body =
              URI.create("http://127.0.0.1:" + hostPort + "/group").toURL().openStream()) {
            page.set(new String(body.readAllBytes(), StandardCharsets.UTF_8));
            return true;
          } catch (IOException e) {
            return false;
          }
        });
    assertThat(page.get()).startsWith("root:");
    pods.remove(sandbox);
    assertThatThrownBy(
            () -> URI.create("http://127.0.0.1:" + hostPort + "/group").toURL().openStream())
        .isInstanceOf(IOException.class);
  }

  @Test
  void aHostNetworkPodHasNoAddressOfItsOwn() {
    PodSandboxConfig pod = Pods.onHost(pods.config("host", 0)).toBuilder().setHostname("").build();
    String sandbox = pods.run(pod);
    PodSandboxStatus status = sandboxStatus(sandbox);
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getNetwork().getIp()).isEmpty();
    assertThat(status.getLinux().getNamespaces().getOptions().getNetwork())
        .isEqualTo(NamespaceMode.NODE);
  }

  @Test
  void stoppingAPodEndsItsContainersAndFreesItsAddress() throws IOException {
    PodSandboxConfig pod = pods.config("stop", 0);
    String sandbox = pods.run(pod);
    String container = pods.start(sandbox, pod, Pods.container("app", "sleep", "1000"));
    assertThat(node.addressFiles()).hasSize(1);

    node.runtime().stopPodSandbox(stop(sandbox));
    assertThat(node.addressFiles()).isEmpty();
    assertThat(pods.status(container).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(sandboxStatus(sandbox).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    node.runtime().stopPodSandbox(stop(sandbox));

    node.runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    assertThatThrownBy(() -> pods.status(container)).satisfies(e -> code(e, Status.Code.NOT_FOUND));
    assertThatThrownBy(() -> sandboxStatus(sandbox)).satisfies(e -> code(e, Status.Code.NOT_FOUND));
  }

  @Test
  void removingAPodThatWasNotStoppedFreesAllTheSame() throws IOException {
    PodSandboxConfig pod = pods.config("rm", 0);
    String sandbox = pods.run(pod);
    pods.start(sandbox, pod, Pods.container("app", "sleep", "1000"));
    node.runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    node.assertNothingLeft();
  }

  @Test
  void runningTheSamePodAgainGivesTheSameSandbox() {
    PodSandboxConfig pod = pods.config("again", 0);
    String sandbox = pods.run(pod);
    assertThat(pods.run(pod)).isEqualTo(sandbox);
    assertThat(pods.sandboxes()).hasSize(1);
  }

  @Test
  void anExitCodeAndItsReasonAreTold() {
    PodSandboxConfig pod = pods.config("exit", 0);
    String sandbox = pods.run(pod);
    String bad = pods.start(sandbox, pod, Pods.container("bad", "sh", "-c", "exit 3"));
    String good = pods.start(sandbox, pod, Pods.container("good", "true"));
    TestNode.await("both have ended", () -> ended(bad) && ended(good));
    assertThat(pods.status(bad).getExitCode()).isEqualTo(3);
    assertThat(pods.status(bad).getReason()).isEqualTo("Error");
    assertThat(pods.status(good).getReason()).isEqualTo("Completed");
    assertThat(pods.status(good).getFinishedAt())
        .isGreaterThanOrEqualTo(pods.status(good).getStartedAt());
  }

  @Test
  void aCommandThatDoesNotExistFailsTheStartWithItsName() {
    PodSandboxConfig pod = pods.config("nocommand", 0);
    String sandbox = pods.run(pod);
    String container = pods.create(sandbox, pod, Pods.container("app", "/no/such/program"));
    assertThatThrownBy(() -> startOnly(container))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("/no/such/program");
  }

  @Test
  void execSyncTellsBothOutputsAndTheExitCode() {
    String container = running("exec");
    ExecSyncResponse answer = pods.exec(container, "sh", "-c", "echo out; echo err >&2; exit 7");
    assertThat(answer.getStdout().toStringUtf8()).isEqualTo("out\n");
    assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err\n");
    assertThat(answer.getExitCode()).isEqualTo(7);
  }

  @Test
  void execSyncThatTimesOutLeavesNoProcess() {
    String container = running("exectime");
    assertThatThrownBy(
            () ->
                node.runtime()
                    .execSync(
                        ExecSyncRequest.newBuilder()
                            .setContainerId(container)
                            .addAllCmd(java.util.List.of("sh", "-c", "sleep 4321 & sleep 4321"))
                            .setTimeout(1)
                            .build()))
        .satisfies(e -> code(e, Status.Code.DEADLINE_EXCEEDED));
    assertThat(text(pods.exec(container, "sh", "-c", "pgrep -f '[s]leep 4321' || true"))).isEmpty();
  }

  @Test
  void limitsCanBeChangedWhileTheContainerRuns() throws IOException {
    PodSandboxConfig pod = pods.config("limits", 0);
    String sandbox = pods.run(pod);
    String container = pods.start(sandbox, pod, Pods.container("app", "sleep", "1000"));
    node.runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(
                    LinuxContainerResources.newBuilder()
                        .setCpuShares(512)
                        .setMemoryLimitInBytes(64L << 20))
                .build());
    JsonNode host = node.docker().inspect(container).get("HostConfig");
    assertThat(host.get("CpuShares").asLong()).isEqualTo(512);
    assertThat(host.get("Memory").asLong()).isEqualTo(64L << 20);
    assertThat(pods.status(container).getResources().getLinux().getMemoryLimitInBytes())
        .isEqualTo(64L << 20);
  }

  @Test
  void aRunningContainerIsStoppedAndRemoved() {
    PodSandboxConfig pod = pods.config("stopone", 0);
    String sandbox = pods.run(pod);
    String container = pods.start(sandbox, pod, Pods.container("app", "sleep", "1000"));
    node.runtime()
        .stopContainer(
            StopContainerRequest.newBuilder().setContainerId(container).setTimeout(1).build());
    assertThat(ended(container)).isTrue();
    node.runtime()
        .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
    assertThat(pods.containers()).isEmpty();
  }

  private String running(String name) {
    PodSandboxConfig pod = pods.config(name, 0);
    ContainerConfig app = Pods.container("app", "sleep", "1000");
    return pods.start(pods.run(pod), pod, app);
  }

  private void startOnly(String container) {
    node.runtime()
        .startContainer(
            dev.longshore.cri.v1.StartContainerRequest.newBuilder()
                .setContainerId(container)
                .build());
  }

  private boolean ended(String container) {
    return pods.status(container).getState() == ContainerState.CONTAINER_EXITED;
  }

  private PodSandboxStatus sandboxStatus(String sandbox) {
    return node.runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build())
        .getStatus();
  }

  private static StopPodSandboxRequest stop(String sandbox) {
    return StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build();
  }

  private static ContainerState running() {
    return ContainerState.CONTAINER_RUNNING;
  }

  private static String text(ExecSyncResponse answer) {
    assertThat(answer.getExitCode()).as(answer.getStderr().toStringUtf8()).isZero();
    return answer.getStdout().toStringUtf8();
  }

  private static void code(Throwable failure, Status.Code code) {
    assertThat(Status.fromThrowable(failure).getCode()).as(failure.toString()).isEqualTo(code);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
