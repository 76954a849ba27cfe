package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.network.FakePodNetworks.Call;
import dev.longshore.network.FakePodNetworks.Verb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopAndRemovePodSandboxTest extends SandboxRig {
  private static final RunPodSandboxRequest WEB = Requests.run("web-0");
  private static final String NAME = "k8s_POD_web-0_default_7c1e_0";

  @Test
  void stopKillsWhatRunsReleasesTheNetworkAndEndsTheSandbox() {
    ContainerId id = node.run(WEB);
    ContainerId a = runWorkload(id, "a");
    ContainerId b = runWorkload(id, "b");
    node.stop(id.value());
    assertThat(List.of(a, b, id)).noneMatch(this::runs);
    assertThat(network.attached()).isEmpty();
    Call detach = network.calls(Verb.DETACH).getFirst();
    assertThat(detach.plan()).isEqualTo(network.calls(Verb.ATTACH).getFirst().plan());
    assertThat(detach.netns()).as("the namespace still stands").isPresent();
    assertThat(node.listed(PodSandboxState.SANDBOX_NOTREADY)).containsExactly(id.value());
    assertThat(phase(id)).isEqualTo(Phase.RELEASED);
    assertThat(docker.names()).hasSize(3);
  }

  @Test
  void aSecondStopDoesNothing() {
    ContainerId id = node.run(WEB);
    node.stop(id.value());
    docker.clearCalls();
    node.stop(id.value());
    restart();
    docker.clearCalls();
    node.stop(id.value());
    assertThat(calls()).isEmpty();
    assertThat(network.calls(Verb.DETACH)).hasSize(1);
  }

  @Test
  void aContainerThatEndedIsNotTouchedByStop() {
    ContainerId id = node.run(WEB);
    ContainerId ended = runWorkload(id, "ended");
    docker.exit(ended.value(), 0);
    Eventually.until(
        "its end is seen",
        () ->
            !(node.view.snapshot().container(ended.value()).orElseThrow().engine().state()
                instanceof dev.longshore.docker.EngineState.Running));
    docker.clearCalls();
    node.stop(id.value());
    assertThat(docker.calls("stop")).containsExactly("stop " + NAME);
  }

  @Test
  void aNetworkThatIsNotReleasedIsAnErrorAndTheRetryFindsItsNamespace() {
    ContainerId id = node.run(WEB);
    ContainerId app = runWorkload(id, "app");
    network.failNext(Verb.DETACH, Kind.INTERNAL, "plugin bridge DEL: exit code 1");
    assertThatThrownBy(() -> node.stop(id.value()))
        .isInstanceOf(CriException.class)
        .hasMessage(
            "cannot stop pod sandbox default/web-0 (attempt 0): release network: plugin bridge"
                + " DEL: exit code 1");
    assertThat(runs(app)).isFalse();
    assertThat(node.listed(PodSandboxState.SANDBOX_NOTREADY)).containsExactly(id.value());
    restart();
    assertThat(node.listed(PodSandboxState.SANDBOX_NOTREADY)).containsExactly(id.value());

    node.stop(id.value());
    assertThat(network.calls(Verb.DETACH).getLast().plan()).isPresent();
    assertThat(network.attached()).isEmpty();
    assertThat(runs(id)).isFalse();
  }

  @Test
  void aContainerThatCannotBeKilledIsNamedAndTheOthersAreDead() {
    ContainerId id = node.run(WEB);
    ContainerId a = runWorkload(id, "a");
    ContainerId b = runWorkload(id, "b");
    docker.failNext("stop", new CriException(Kind.TIMED_OUT, "container hangs"));
    assertThatThrownBy(() -> node.stop(id.value()))
        .hasMessageContaining("kill containers: container hangs");
    assertThat(List.of(runs(a), runs(b))).containsExactlyInAnyOrder(true, false);
    node.stop(id.value());
    assertThat(List.of(a, b, id)).noneMatch(this::runs);
  }

  @Test
  void removeWithoutStopTakesEverythingDown() {
    ContainerId id = node.run(WEB);
    runWorkload(id, "app");
    node.remove(id.value());
    assertNothingLeft();
    node.remove(id.value());
    node.stop(id.value());
  }

  @Test
  void removeAfterStopDoesNotReleaseTheNetworkAgain() {
    ContainerId id = node.run(WEB);
    node.stop(id.value());
    node.remove(id.value());
    assertNothingLeft();
    assertThat(network.calls(Verb.DETACH)).hasSize(1);
  }

  @Test
  void removeKeepsTheSandboxWhileItsNetworkIsNotReleased() {
    ContainerId id = node.run(WEB);
    network.failNext(Verb.DETACH, Kind.UNAVAILABLE, "busy");
    assertThatThrownBy(() -> node.remove(id.value()))
        .hasMessage("cannot remove pod sandbox default/web-0 (attempt 0): release network: busy");
    assertThat(node.list()).hasSize(1);
    node.remove(id.value());
    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "12345678-90ab-cdef-1234-567890abcdef",
        "../../etc"
      })
  void anUnknownSandboxIsStoppedAndRemovedAlready(String id) {
    node.stop(id);
    node.remove(id);
    assertThat(calls()).isEmpty();
    assertThat(network.calls()).isEmpty();
  }

  @Test
  void anEmptyIdIsRefused() {
    assertThatThrownBy(() -> node.stop("")).hasMessage("pod_sandbox_id is empty");
    assertThatThrownBy(() -> node.remove("")).hasMessage("pod_sandbox_id is empty");
  }

  @Test
  void theStartOfAnIdWillDo() {
    ContainerId id = node.run(WEB);
    node.stop(id.shortForm());
    node.remove(id.shortForm());
    assertNothingLeft();
  }

  @Test
  void ofASandboxRemovedBehindOurBackStopReleasesWhatIsLeft() {
    ContainerId id = node.run(WEB);
    docker.removeBehind(id.value());
    Eventually.until("removal is seen", () -> node.list().isEmpty());
    node.stop(id.value());
    assertNothingLeft();
  }

  @Test
  void aHostNetworkPodHasNoNetworkToRelease() {
    ContainerId id = node.run(Requests.runOnHost("web-0"));
    node.stop(id.value());
    node.remove(id.value());
    assertNothingLeft();
    assertThat(network.calls()).isEmpty();
  }

  @Test
  void stopsOfOneSandboxAtTheSameTimeShareTheWork() throws Exception {
    ContainerId id = node.run(WEB);
    network.hang(Verb.DETACH);
    FutureTask<Boolean> one = inBackground(() -> stopped(id));
    FutureTask<Boolean> two = inBackground(() -> stopped(id));
    FutureTask<Boolean> removal = inBackground(() -> removed(id));
    Eventually.until("DEL runs", () -> !network.calls(Verb.DETACH).isEmpty());
    network.release(Verb.DETACH);
    assertThat(result(one) && result(two) && result(removal)).isTrue();
    assertThat(network.calls(Verb.DETACH)).hasSize(1);
    assertNothingLeft();
  }

  @Test
  void aHungNetworkOfOnePodHoldsUpNoOther() throws Exception {
    ContainerId stuck = node.run(WEB);
    network.hang(Verb.DETACH);
    FutureTask<Boolean> stop = inBackground(() -> stopped(stuck));
    Eventually.until("DEL runs", () -> !network.calls(Verb.DETACH).isEmpty());
    ContainerId other = node.run(Requests.run("web-1"));
    assertThat(node.ip(other)).isNotEmpty();
    assertThatThrownBy(
            () ->
                node.stop.handle(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId(stuck.value()).build(),
                    Deadline.in(Duration.ofMillis(20))))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT));
    network.release(Verb.DETACH);
    assertThat(result(stop)).isTrue();
  }

  @Test
  void aSandboxInTheMakingIsStoppedOnceItIsMade() throws Exception {
    network.hang(Verb.ATTACH);
    FutureTask<ContainerId> run = inBackground(() -> node.run(WEB));
    Eventually.until("ADD runs", () -> !network.calls(Verb.ATTACH).isEmpty());
    ContainerId id = docker.peek(NAME).orElseThrow().id();
    FutureTask<Boolean> stop = inBackground(() -> stopped(id));
    network.release(Verb.ATTACH);
    assertThat(result(run)).isEqualTo(id);
    assertThat(result(stop)).isTrue();
    assertThat(network.attached()).isEmpty();
    assertThat(runs(id)).isFalse();
  }

  @Test
  void aFullDiskKeepsNoPodFromGoing() throws Exception {
    ContainerId id = node.run(WEB);
    Path folder = disk.resolve("sandbox");
    Path away = Files.move(folder, disk.resolve("away"));
    node.stop(id.value());
    assertThat(runs(id)).isFalse();
    Files.move(away, folder);
    node.remove(id.value());
    assertNothingLeft();
  }

  @Test
  void whileDockerIsAwayNothingIsClaimed() {
    ContainerId id = node.run(WEB);
    docker.down();
    Eventually.until("Docker is known to be away", () -> !node.view.health().ready());
    assertThatThrownBy(() -> node.stop(id.value()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    docker.up();
    Eventually.until("Docker is back", () -> node.view.health().ready());
    node.stop(id.value());
    node.remove(id.value());
    assertNothingLeft();
  }

  private boolean stopped(ContainerId id) {
    node.stop.handle(
        StopPodSandboxRequest.newBuilder().setPodSandboxId(id.value()).build(), Node.soon());
    return true;
  }

  private boolean removed(ContainerId id) {
    node.remove.handle(
        RemovePodSandboxRequest.newBuilder().setPodSandboxId(id.value()).build(), Node.soon());
    return true;
  }

  private Phase phase(ContainerId id) {
    Optional<SandboxRecord> record = node.records.find(id);
    return record.orElseThrow().phase();
  }
}
