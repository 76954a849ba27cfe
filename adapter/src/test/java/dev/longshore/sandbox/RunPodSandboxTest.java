package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.docker.KubeLabels;
import dev.longshore.network.FakePodNetworks.Verb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RunPodSandboxTest extends SandboxRig {
  private static final String NAME = "k8s_POD_web-0_default_7c1e_0";
  private static final String PREFIX = "cannot run pod sandbox default/web-0 (attempt 0): ";
  private static final RunPodSandboxRequest WEB = Requests.run("web-0");

  @Test
  void aReadySandboxCostsThreeDockerRequestsAndIsInTheNextListForNone() {
    ContainerId id = node.run(WEB);
    assertThat(calls()).containsExactly("create " + NAME, "start " + NAME, "inspect " + NAME);
    docker.clearCalls();
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(id.value());
    assertThat(node.ip(id)).isEqualTo("10.1.0.2");
    assertThat(calls()).isEmpty();
  }

  @Test
  void theNetworkIsMadeInTheNamespaceOfItsProcessAndThePlanIsOnDiskBefore() throws Exception {
    network.hang(Verb.ATTACH);
    FutureTask<ContainerId> run = inBackground(() -> node.run(WEB));
    Eventually.until("ADD runs", () -> !network.calls(Verb.ATTACH).isEmpty());
    ContainerId id = docker.peek(NAME).orElseThrow().id();
    assertThat(node.records.find(id)).get().extracting(r -> r.phase()).isEqualTo(Phase.CREATING);
    assertThat(node.records.find(id).orElseThrow().plan())
        .isEqualTo(network.calls(Verb.ATTACH).getFirst().plan());
    assertThat(network.calls(Verb.ATTACH).getFirst().netns().orElseThrow().toString())
        .matches("/proc/\\d+/ns/net");
    network.release(Verb.ATTACH);
    assertThat(result(run)).isEqualTo(id);
    assertThat(node.records.find(id)).get().extracting(r -> r.phase()).isEqualTo(Phase.READY);
  }

  @Test
  void aPodOnTheNodesNetworkNeedsNoNetwork() {
    network.setNotReady("cni config uninitialized");
    ContainerId id = node.run(Requests.runOnHost("web-0"));
    assertThat(network.calls()).isEmpty();
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(id.value());
    assertThat(node.ip(id)).isEmpty();
  }

  @Test
  void withoutANetworkNothingIsMade() {
    network.setNotReady("cni config uninitialized");
    failsWith(Kind.NOT_READY, "set up network: cni config uninitialized", () -> node.run(WEB));
    assertThat(calls()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void aFailedStepIsNamedAndAllBeforeItIsUndone(String step, Consumer<SandboxRig> fault) {
    fault.accept(this);
    failsWith(Kind.UNAVAILABLE, step + ": no luck", () -> node.run(WEB));
    assertNothingLeft();
    node.run(WEB);
  }

  private static Stream<Arguments> aFailedStepIsNamedAndAllBeforeItIsUndone() {
    CriException failure = new CriException(Kind.UNAVAILABLE, "no luck");
    return Stream.of(
        step("get pause image", rig -> rig.node.noPauseImage = failure),
        step("create container", rig -> rig.docker.failNext("create", failure)),
        step("create container", rig -> rig.docker.loseNextAnswer("create", failure)),
        step("plan network", rig -> rig.network.failNext(Verb.PLAN, Kind.UNAVAILABLE, "no luck")),
        step("start container", rig -> rig.docker.failNext("start", failure)),
        step("start container", rig -> rig.docker.loseNextAnswer("start", failure)),
        step("inspect container", rig -> rig.docker.failNext("inspect", failure)),
        step(
            "set up network",
            rig -> rig.network.failNext(Verb.ATTACH, Kind.UNAVAILABLE, "no luck")));
  }

  private static Arguments step(String name, Consumer<SandboxRig> fault) {
    return arguments(name, fault);
  }

  @Test
  void aFailedNetworkIsReleasedBeforeItsContainerIsRemoved() {
    network.failNext(Verb.ATTACH, Kind.INTERNAL, "plugin bridge: no more addresses");
    failsWith(
        Kind.INTERNAL, "set up network: plugin bridge: no more addresses", () -> node.run(WEB));
    assertThat(network.calls(Verb.DETACH)).hasSize(1);
    assertThat(network.calls(Verb.DETACH).getFirst().netns()).isPresent();
    assertThat(calls().get(3)).isEqualTo("remove " + NAME);
  }

  @Test
  void aNetworkThatCannotBeReleasedKeepsItsSandboxForALaterCleanUp() {
    network.failNext(Verb.ATTACH, Kind.INTERNAL, "half done");
    network.failNext(Verb.DETACH, Kind.INTERNAL, "no way back");
    failsWith(Kind.INTERNAL, "set up network: half done", () -> node.run(WEB));
    List<String> left = node.listed(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(left).hasSize(1);
    node.stop(left.getFirst());
    node.remove(left.getFirst());
    assertNothingLeft();
  }

  @Test
  void aRecordThatCannotBeWrittenFailsTheSandboxAndIsUndone() throws Exception {
    Path folder = disk.resolve("sandbox");
    Path away = Files.move(folder, disk.resolve("away"));
    failsWith(Kind.UNAVAILABLE, "write record: cannot write the record", () -> node.run(WEB));
    Files.move(away, folder);
    assertNothingLeft();
  }

  @Test
  void aProcessThatEndsAtOnceIsNoSandbox() {
    docker.hang("inspect");
    FutureTask<ContainerId> run = inBackground(() -> node.run(WEB));
    Eventually.until("it was started", () -> !docker.calls("inspect").isEmpty());
    docker.exit(NAME, 127);
    docker.resume();
    assertThatThrownBy(() -> result(run))
        .cause()
        .hasMessageStartingWith(PREFIX + "inspect container: container ")
        .hasMessageContaining("exit code 127");
    assertNothingLeft();
  }

  @Test
  void callersWhoAskForTheSameAtTheSameTimeShareTheWork() throws Exception {
    network.hang(Verb.ATTACH);
    FutureTask<ContainerId> one = inBackground(() -> node.run(WEB));
    Eventually.until("ADD runs", () -> !network.calls(Verb.ATTACH).isEmpty());
    FutureTask<ContainerId> two = inBackground(() -> node.run(WEB));
    FutureTask<ContainerId> other =
        inBackground(() -> node.run(Requests.withLabel(WEB, "app", "another")));
    network.release(Verb.ATTACH);
    assertThat(result(one)).isEqualTo(result(two));
    assertThatThrownBy(() -> result(other)).hasMessageContaining("was asked for differently");
    assertThat(docker.calls("create")).hasSize(1);
  }

  @Test
  void aCallerWhoLeavesDoesNotEndTheWorkAndItsRetryJoins() throws Exception {
    network.hang(Verb.ATTACH);
    assertThatThrownBy(() -> node.run.handle(WEB, Deadline.in(Duration.ofMillis(50))))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT));
    Eventually.until("ADD runs", () -> !network.calls(Verb.ATTACH).isEmpty());
    assertThat(node.list()).as("unfinished work").isEmpty();
    FutureTask<ContainerId> retry = inBackground(() -> node.run(WEB));
    network.release(Verb.ATTACH);
    assertThat(result(retry)).isEqualTo(docker.peek(NAME).orElseThrow().id());
    assertThat(docker.calls("create")).hasSize(1);
  }

  @Test
  void aRepeatedRequestGetsTheCompleteSandboxForNoDockerRequest() {
    ContainerId id = node.run(WEB);
    docker.clearCalls();
    assertThat(node.run(WEB)).isEqualTo(id);
    restart();
    docker.clearCalls();
    assertThat(node.run(WEB)).isEqualTo(id);
    assertThat(calls()).isEmpty();
  }

  @Test
  void anotherRequestForARunningNameIsRefused() {
    node.run(WEB);
    failsWith(
        Kind.ALREADY_EXISTS, "sandbox ", () -> node.run(Requests.withLabel(WEB, "app", "another")));
    assertThat(docker.names()).containsExactly(NAME);
  }

  @Test
  void aDeadSandboxOfTheNameIsReplacedAndItsNetworkReleased() {
    ContainerId dead = node.run(WEB);
    docker.exit(dead.value(), 137);
    Eventually.until(
        "death is seen", () -> !node.listed(PodSandboxState.SANDBOX_NOTREADY).isEmpty());
    ContainerId fresh = node.run(WEB);
    assertThat(fresh).isNotEqualTo(dead);
    assertThat(network.attached()).containsOnlyKeys(fresh);
    assertThat(recordFiles()).containsExactly(fresh.value());
  }

  @Test
  void aNameThatOnlyDockerKnowsIsFreedWithinTheCall() throws Exception {
    docker.hang("inspect");
    ContainerId unknown =
        docker.createBehind(spec(NAME, "none", KubeLabels.forSandbox(metadata())));
    FutureTask<ContainerId> run = inBackground(() -> node.run(WEB));
    Eventually.until("the name is refused", () -> !docker.calls("create").isEmpty());
    docker.resume();
    assertThat(result(run)).isNotEqualTo(unknown);
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(result(run).value());
    assertThat(docker.names()).containsExactly(NAME);
  }

  @Test
  void whatALostAnswerLeavesIsReplacedByTheNextCall() {
    docker.loseNextAnswer("create", new CriException(Kind.UNAVAILABLE, "connection reset"));
    docker.failNext("inspect", new CriException(Kind.UNAVAILABLE, "connection reset"));
    failsWith(Kind.UNAVAILABLE, "create container: connection reset", () -> node.run(WEB));
    ContainerId id = node.run(WEB);
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(id.value());
    assertThat(docker.names()).containsExactly(NAME);
  }

  @Test
  void aNameTakenByAForeignContainerIsSaid() {
    docker.createBehind(spec(NAME, "none", Map.of()));
    failsWith(Kind.ALREADY_EXISTS, "container ", () -> node.run(WEB));
    assertThat(docker.names()).containsExactly(NAME);
  }

  @Test
  void whereNegativeOomScoresAreRefusedPodsStartAllTheSame() {
    docker.refuseNegativeOomScoreAdj(true);
    node.run(WEB);
    assertThat(docker.spec(NAME).resources().oomScoreAdj()).hasValue(0);
    assertThat(node.oom.warning()).isPresent();
    assertThat(docker.names()).hasSize(1);
    docker.clearCalls();
    node.run(Requests.run("web-1"));
    assertThat(calls()).hasSize(3);
  }

  @Test
  void aBadRequestCostsNothing() {
    var request = WEB.toBuilder();
    request.getConfigBuilder().putAnnotations("kubernetes.io/ingress-bandwidth", "fast");
    assertThatThrownBy(() -> node.run(request.build()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("kubernetes.io/ingress-bandwidth");
    failsWith(
        Kind.INVALID,
        "read config: runtime handler \"kata\"",
        () -> node.run(WEB.toBuilder().setRuntimeHandler("kata").build()));
    assertThat(calls()).isEmpty();
  }

  @Test
  void theNetworkOfASandboxRemovedBehindOurBackIsReleasedBeforeTheNextOneIsMade() {
    ContainerId gone = node.run(WEB);
    docker.removeBehind(gone.value());
    Eventually.until("removal is seen", () -> node.list().isEmpty());
    ContainerId next = node.run(Requests.withAttempt(WEB, 1));
    assertThat(network.attached()).containsOnlyKeys(next);
    assertThat(recordFiles()).containsExactly(next.value());
  }

  private static void failsWith(Kind kind, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageStartingWith(PREFIX + message);
  }
}
