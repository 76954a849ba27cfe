package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.cri.v1.CheckpointContainerRequest;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerStatsRequest;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.cri.v1.RemoveImageRequest;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.ReopenContainerLogRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.RuntimeCondition;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import dev.longshore.cri.v1.UpdateRuntimeConfigRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** What is wrong gets a clear error, and nothing and nobody else suffers. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
  private static final String UNKNOWN = "0123456789abcdef".repeat(4);

  private final TestNode node = TestNode.of(DockerApi.ofMachine());
  private final Pods pods = new Pods(node);

  @BeforeAll
  void start() throws IOException {
    Path slow = Files.createDirectories(node.cniConfDir().resolveSibling("bin"));
    script(slow.resolve("rubbish"), "echo 'this is not JSON'");
    script(
        slow.resolve("failing"), "echo '{\"code\": 11, \"msg\": \"no more addresses\"}'; exit 1");
    script(slow.resolve("hanging"), "exec sleep 10000");
    node.start("--cni-bin-dir=" + slow + ",/opt/cni/bin,/usr/lib/cni");
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
  void unknownIdsAreNotFoundByReadsAndFineForRemovals() {
    for (String id : List.of(UNKNOWN, "12345678-90ab-cdef-1234-567890abcdef", "../../etc")) {
      code(
          Status.Code.NOT_FOUND,
          () ->
              node.runtime()
                  .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build()));
      code(
          Status.Code.NOT_FOUND,
          () ->
              node.runtime()
                  .podSandboxStatus(
                      PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build()));
      code(
          Status.Code.NOT_FOUND,
          () ->
              node.runtime()
                  .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build()));
      code(
          Status.Code.NOT_FOUND,
          () ->
              node.runtime()
                  .execSync(
                      ExecSyncRequest.newBuilder().setContainerId(id).addCmd("true").build()));
      code(
          Status.Code.NOT_FOUND,
          () ->
              node.runtime()
                  .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build()));
      node.runtime().stopContainer(StopContainerRequest.newBuilder().setContainerId(id).build());
      node.runtime()
          .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
      node.runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
      node.runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }
  }

  @Test
  void emptyRequestsAreRefusedWithTheFieldThatIsMissing() {
    invalid(
        "metadata", () -> node.runtime().runPodSandbox(RunPodSandboxRequest.getDefaultInstance()));
    invalid(
        "pod_sandbox_id",
        () -> node.runtime().createContainer(CreateContainerRequest.getDefaultInstance()));
    invalid("container_id", () -> node.runtime().execSync(ExecSyncRequest.getDefaultInstance()));
    invalid(
        "container_id",
        () ->
            node.runtime()
                .updateContainerResources(UpdateContainerResourcesRequest.getDefaultInstance()));
    invalid(
        "container_id",
        () -> node.runtime().reopenContainerLog(ReopenContainerLogRequest.getDefaultInstance()));
    invalid("image", () -> node.images().pullImage(PullImageRequest.getDefaultInstance()));
    invalid("image", () -> node.images().removeImage(RemoveImageRequest.getDefaultInstance()));
    invalid("image", () -> node.images().imageStatus(ImageStatusRequest.getDefaultInstance()));
    node.runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance());
  }

  @Test
  void anUnfinishedCallSaysSo() {
    code(
        Status.Code.UNIMPLEMENTED,
        () -> node.runtime().checkpointContainer(CheckpointContainerRequest.getDefaultInstance()));
  }

  @Test
  void aPodNameMayHaveEveryLegalCharacter() {
    String name = "a0.b-1." + "x".repeat(200);
    PodSandboxConfig pod = pods.config(name, 0).toBuilder().setHostname("a0").build();
    String sandbox = pods.run(pod);
    assertThat(pods.sandboxes().getFirst().getMetadata()).isEqualTo(pod.getMetadata());
    pods.start(sandbox, pod, Pods.container("c-0", "true"));
  }

  @Test
  void aMissingImageIsNotFoundWithItsName() {
    PodSandboxConfig pod = pods.config("noimage", 0);
    String sandbox = pods.run(pod);
    ContainerConfig container =
        Pods.container("app", "true").toBuilder()
            .setImage(ImageSpec.newBuilder().setImage("longshore.local/none:1"))
            .build();
    assertThatThrownBy(() -> pods.create(sandbox, pod, container))
        .hasMessageContaining("longshore.local/none:1")
        .satisfies(
            e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  @Test
  void aPluginThatPrintsRubbishFailsThePodWithItsWordsAndIsUndone() throws IOException {
    failsWith("rubbish", "this is not JSON");
  }

  @Test
  void aPluginThatFailsIsQuoted() throws IOException {
    failsWith("failing", "no more addresses");
  }

  @Test
  void aPluginThatNeverReturnsHoldsUpNobodyElse() throws IOException {
    withPlugin(
        "hanging",
        () -> {
          Thread stuck = Thread.ofVirtual().start(() -> runInVain("stuck"));
          TestNode.await("the plugin hangs", () -> !hangingPlugins().isEmpty());
          Files.delete(node.cniConfDir().resolve("05-bad.conf"));
          node.writeCniConfig();
          awaitConfig("10-it.conflist");
          Instant start = Instant.now();
          pods.remove(pods.run(pods.config("other", 0)));
          assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(15));
          hangingPlugins().forEach(ProcessHandle::destroyForcibly);
          stuck.join();
        });
  }

  private void runInVain(String name) {
    try {
      pods.run(pods.config(name, 0));
    } catch (StatusRuntimeException _) {
      // The plugin is killed under it.
    }
  }

  /** Plugins of this node's server that sleep for ever. */
  private List<ProcessHandle> hangingPlugins() {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().commandLine().orElse("").contains("sleep 10000"))
        .filter(
            p ->
                p.parent()
                    .flatMap(server -> server.info().commandLine())
                    .orElse("")
                    .contains(node.socket().toString()))
        .toList();
  }

  @Test
  void networkReadyFollowsTheConfigurationFolder() throws IOException {
    Path file = node.cniConfDir().resolve("10-it.conflist");
    String config = Files.readString(file);
    Files.delete(file);
    TestNode.await("NetworkReady is false", () -> !network().getStatus());
    assertThat(network().getMessage()).contains("cni config uninitialized");
    assertThatThrownBy(() -> pods.run(pods.config("nonet", 0)))
        .hasMessageContaining("cni config uninitialized");
    Files.writeString(file, config);
    TestNode.await("NetworkReady is true again", () -> network().getStatus());
  }

  @Test
  void aSecondServerOnTheSameSocketIsRefused() throws Exception {
    try (TestNode second = new TestNode(node.docker())) {
      Process process = second.launch("--container-runtime-endpoint=unix://" + node.socket());
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isNotZero();
      assertThat(second.log()).contains(node.socket().toString());
    }
    assertThat(node.isReady()).isTrue();
  }

  @Test
  void aSocketPathThatIsAFolderIsRefused() throws Exception {
    try (TestNode second = new TestNode(node.docker())) {
      Process process = second.launch("--container-runtime-endpoint=unix://" + second.cniConfDir());
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isNotZero();
      assertThat(second.log()).contains(second.cniConfDir().toString()).contains("director");
    }
  }

  private void failsWith(String plugin, String words) throws IOException {
    withPlugin(
        plugin,
        () ->
            assertThatThrownBy(() -> pods.run(pods.config(plugin, 0)))
                .hasMessageContaining(plugin)
                .hasMessageContaining(words));
    assertThat(node.containersInDocker()).isEmpty();
  }

  private interface Body {
    void run() throws Exception;
  }

  /** Puts a configuration with that plugin before the usual one while the body runs. */
  private void withPlugin(String plugin, Body body) throws IOException {
    Path usual = node.cniConfDir().resolve("10-it.conflist");
    Files.deleteIfExists(usual);
    node.writeCniConfig(
        "05-bad.conf",
        "{\"cniVersion\": \"1.0.0\", \"name\": \"bad\", \"type\": \"%s\"}".formatted(plugin));
    try {
      awaitConfig("05-bad.conf");
      body.run();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      Files.deleteIfExists(node.cniConfDir().resolve("05-bad.conf"));
      if (!Files.exists(usual)) {
        node.writeCniConfig();
      }
      awaitConfig("10-it.conflist");
    }
  }

  private void awaitConfig(String file) {
    TestNode.await(file + " is in force", () -> node.isReady() && verbose().contains(file));
  }

  private String verbose() {
    return node.runtime()
        .status(dev.longshore.cri.v1.StatusRequest.newBuilder().setVerbose(true).build())
        .getInfoMap()
        .toString();
  }

  private RuntimeCondition network() {
    return node.conditions().stream()
        .filter(c -> c.getType().equals("NetworkReady"))
        .findFirst()
        .orElseThrow();
  }

  /** A plugin that knows all versions and does {@code action} on ADD. */
  private static void script(Path file, String action) throws IOException {
    Files.writeString(
        file,
        """
        #!/bin/sh
        case "$CNI_COMMAND" in
          VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
          ADD) %s ;;
          *) ;;
        esac
        """
            .formatted(action));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static void invalid(String field, ThrowingCallable call) {
    assertThatThrownBy(call)
        .hasMessageContaining(field)
        .satisfies(
            e ->
                assertThat(Status.fromThrowable(e).getCode())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  private static void code(Status.Code code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .satisfies(
            e -> assertThat(Status.fromThrowable(e).getCode()).as(e.toString()).isEqualTo(code));
  }
}
