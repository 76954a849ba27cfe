package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Calls.inBackground;
import static dev.longshore.container.Node.APP;
import static dev.longshore.container.Node.soon;
import static dev.longshore.container.Samples.config;
import static dev.longshore.container.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Int64Value;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.LogSpec;
import dev.longshore.view.ContainerView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreateContainerTest {
  private Node node;

  @BeforeEach
  void start(@TempDir Path folder) {
    node = new Node(folder);
  }

  @AfterEach
  void end() {
    node.close();
  }

  @Test
  void itCostsOneRequestAndIsInTheNextList() {
    String id = node.create(config());

    assertThat(node.docker.calls()).containsExactly("create " + APP);
    assertThat(node.list()).hasSize(1).first().extracting("id").isEqualTo(id);
    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_CREATED);
    assertThat(node.docker.calls()).hasSize(1);
  }

  @Test
  void whatIsKnownBeforeTheFirstInspectIsWhatDockerSaysThen() {
    String id =
        node.create(
            config()
                .setTty(true)
                .addMounts(Mount.newBuilder().setHostPath("/host").setContainerPath("/pod"))
                .putLabels("a", "b")
                .setLogPath("app/0.log")
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setResources(
                            LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1 << 26))
                        .setSecurityContext(
                            LinuxContainerSecurityContext.newBuilder()
                                .setRunAsUser(Int64Value.newBuilder().setValue(5)))));
    var known = node.status(id);
    try (var change = node.view.mutate(APP)) {
      change.refresh(node.view.snapshot().container(id).orElseThrow().engine().id(), soon());
    }

    assertThat(node.status(id).toBuilder().setCreatedAt(0).build())
        .isEqualTo(known.toBuilder().setCreatedAt(0).build());
  }

  @Test
  void theSameRequestAgainIsAnsweredWithoutDocker() {
    String id = node.create(config());
    node.docker.clearCalls();

    assertThat(node.create(config())).isEqualTo(id);
    assertThat(node.docker.calls()).isEmpty();
  }

  @Test
  void equalRequestsAtTheSameTimeShareTheWork() throws Exception {
    node.docker.hang("create");
    var first = inBackground(() -> node.create(config()));
    Eventually.until("Docker was asked", () -> node.docker.calls("create").size() == 1);
    var second = inBackground(() -> node.create(config()));
    node.docker.resume();

    assertThat(second.get()).isEqualTo(first.get());
    assertThat(node.docker.calls("create")).hasSize(1);
  }

  @Test
  void theWorkOutlivesACallerWhoseDeadlinePassedAndServesTheRetry() {
    node.docker.hang("create");
    assertFails(
        Kind.TIMED_OUT,
        () -> node.create.handle(ofPod(config()), Deadline.in(Duration.ofMillis(20))));
    node.docker.resume();

    assertThat(node.create(config())).isEqualTo(idInDocker());
    assertThat(node.docker.calls("create")).hasSize(1);
  }

  @Test
  void theWorkOutlivesACallerWhoWentAway() throws Exception {
    node.docker.hang("create");
    var call = inBackground(() -> node.create(config()));
    Eventually.until("Docker was asked", () -> !node.docker.calls("create").isEmpty());
    call.cancel();
    assertFails(Kind.CANCELLED, call::get);
    node.docker.resume();

    assertThat(node.create(config())).isEqualTo(idInDocker());
  }

  @Test
  void aLostAnswerIsFoundByTheRetry() {
    node.docker.loseNextAnswer("create", new CriException(Kind.UNAVAILABLE, "broken pipe"));
    assertFails(Kind.UNAVAILABLE, () -> node.create(config()));

    assertThat(node.create(config())).isEqualTo(idInDocker());
    assertThat(node.docker.names()).containsOnlyOnce(APP);
  }

  @Test
  void aCreatedContainerOfOtherContentIsReplaced() {
    String old = node.create(config());
    String fresh = node.create(config().addArgs("other"));

    assertThat(fresh).isNotEqualTo(old);
    assertThat(node.list()).hasSize(1).first().extracting("id").isEqualTo(fresh);
  }

  @Test
  void anEndedContainerOfThatNameIsReplaced() {
    String old = node.running();
    node.docker.exit(old, 1);
    node.awaitState(old, ContainerState.CONTAINER_EXITED);

    assertThat(node.create(config())).isNotEqualTo(old);
    assertThat(node.list()).hasSize(1);
  }

  @Test
  void aRunningContainerOfThatNameStays() {
    String old = node.running();

    assertFails(Kind.ALREADY_EXISTS, () -> node.create(config())).hasMessageContaining(old);
    assertThat(node.state(old)).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void aRunningContainerOfADeadSandboxIsReplaced() {
    String old = node.running();
    node.docker.exit(node.sandbox.value(), 137);
    var next = node.runSandbox("web", 1, "none");
    Eventually.until(
        "the next sandbox is seen, the old one gone",
        () ->
            node.view.snapshot().sandbox(next.value()).isPresent()
                && node.view
                    .snapshot()
                    .sandbox(node.sandbox.value())
                    .filter(s -> node.records.ready(s.engine()))
                    .isEmpty());

    String fresh = node.create.handle(request(config(), next.value()), soon()).getContainerId();

    assertThat(fresh).isNotEqualTo(old);
    assertThat(node.docker.peek(old)).isEmpty();
  }

  @Test
  void aNameTakenByAStoppedStrangerIsFreed() {
    String stranger = node.docker.createBehind(strangerSpec()).value();

    String id = node.create(config());

    assertThat(node.docker.peek(stranger)).isEmpty();
    assertThat(node.docker.peek(id)).isPresent();
  }

  @Test
  void aNameTakenByARunningStrangerIsNot() {
    String stranger = node.docker.createBehind(strangerSpec()).value();
    node.docker.startBehind(stranger);

    assertFails(Kind.ALREADY_EXISTS, () -> node.create(config())).hasMessageContaining(stranger);
    assertThat(node.docker.peek(stranger)).isPresent();
  }

  @Test
  void anUnknownSandboxIsNotFound() {
    assertFails(
            Kind.NOT_FOUND, () -> node.create.handle(request(config(), "ab".repeat(32)), soon()))
        .hasMessageContaining("ab".repeat(32));
  }

  @Test
  void aSandboxThatIsNotCompleteIsNotReady() {
    node.records.put(node.records.find(node.sandbox).orElseThrow().with(Phase.CREATING, List.of()));

    assertFails(Kind.NOT_READY, () -> node.create(config()));
    assertThat(node.docker.calls()).isEmpty();
  }

  @Test
  void anImageThatIsNotHereIsNamed() {
    var missing = config().setImage(ImageSpec.newBuilder().setImage("none:1"));

    assertFails(Kind.NOT_FOUND, () -> node.create(missing))
        .hasMessageContaining("none:1")
        .hasMessageContaining("pull it first");
    assertThat(node.docker.calls("create")).isEmpty();
  }

  @Test
  void anImageThatVanishedIsNamedToo() {
    node.docker.failNext("create", new CriException(Kind.NOT_FOUND, "No such image: busybox:1"));

    assertFails(Kind.NOT_FOUND, () -> node.create(config()))
        .hasMessageContaining("pull it first")
        .hasMessageContaining("No such image");
  }

  @Test
  void anEphemeralContainerSeesItsTargetsProcesses() {
    String app = node.running();
    node.create(debugger(app));

    assertThat(node.docker.spec("k8s_debug_web_default_uid-1_0").namespaces().pid())
        .isEqualTo("container:" + app);
  }

  @Test
  void aTargetThatDoesNotRunInThePodIsRefused() {
    assertFails(Kind.NOT_READY, () -> node.create(debugger(node.create(config()))))
        .hasMessageContaining("does not run");
  }

  @Test
  void aNegativeOomScoreIsClampedWhereTheKernelRefusesIt() {
    assertThat(node.oom.learn(new CriException(Kind.INTERNAL, "oom_score_adj: permission denied")))
        .isTrue();
    node.create(
        config()
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(LinuxContainerResources.newBuilder().setOomScoreAdj(-997))));

    assertThat(node.docker.spec(APP).resources().oomScoreAdj()).hasValue(0);
  }

  @Test
  void emptyRequestsAreRefusedByField() {
    var nothing = CreateContainerRequest.getDefaultInstance();
    var noConfig = nothing.toBuilder().setPodSandboxId(node.sandbox.value()).build();
    var noMetadata = noConfig.toBuilder().setConfig(ContainerConfig.getDefaultInstance()).build();

    assertFails(Kind.INVALID, () -> node.create.handle(nothing, soon()))
        .hasMessageContaining("pod_sandbox_id");
    assertFails(Kind.INVALID, () -> node.create.handle(noConfig, soon()))
        .hasMessageContaining("config");
    assertFails(Kind.INVALID, () -> node.create.handle(noMetadata, soon()))
        .hasMessageContaining("config.metadata");
  }

  @Test
  void dockerAwayIsUnavailable() {
    node.docker.down();
    Eventually.until("the view has noticed", () -> !node.view.health().ready());

    assertFails(Kind.UNAVAILABLE, () -> node.create(config()));
  }

  private CreateContainerRequest ofPod(ContainerConfig.Builder config) {
    return request(config, node.sandbox.value());
  }

  private String idInDocker() {
    Eventually.until("the container is seen", () -> seen().isPresent());
    assertThat(seen().orElseThrow().engine().state()).isInstanceOf(EngineState.Created.class);
    return seen().orElseThrow().engine().id().value();
  }

  private Optional<ContainerView> seen() {
    return node.view.snapshot().containerNamed(APP);
  }

  private static ContainerConfig.Builder debugger(String target) {
    var config =
        Samples.secured(
            LinuxContainerSecurityContext.newBuilder()
                .setNamespaceOptions(
                    NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET).setTargetId(target)));
    config.getMetadataBuilder().setName("debug");
    return config;
  }

  /** The container's name without any label of ours. */
  private static ContainerSpec strangerSpec() {
    ContainerSpec ours =
        ContainerSpecs.from(
            request(config()), Samples.sandbox("none"), Samples.info("cgroupfs"), List.of());
    return new ContainerSpec(
        ours.name(),
        ours.image(),
        Map.of(),
        ours.process(),
        new ContainerSpec.NamespaceSpec(
            "none", "", "", "", "", "", Map.of(), ContainerSpec.DnsSpec.DEFAULT),
        ours.security(),
        ours.resources(),
        List.of(),
        List.of(),
        List.of(),
        "",
        LogSpec.DAEMONS_CHOICE);
  }
}
