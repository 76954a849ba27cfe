package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.network.FakePodNetworks.Verb;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The process is killed at any call to the outside; another takes over Docker and the disk. */
class SandboxCrashTest extends SandboxRig {
  private static final RunPodSandboxRequest WEB = Requests.run("web-0");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "before create",
        "after create",
        "before plan",
        "after plan",
        "before start",
        "after start",
        "before inspect",
        "after inspect",
        "before attach",
        "after attach"
      })
  void aHalfMadeSandboxIsNotReadyAndTheRetryReplacesIt(String moment) throws Exception {
    killDuring(moment, () -> node.run(WEB));
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).isEmpty();
    assertThat(node.list()).hasSize(docker.names().size());

    ContainerId id = node.run(WEB);
    assertThat(node.listed(PodSandboxState.SANDBOX_READY)).containsExactly(id.value());
    assertThat(node.list()).hasSize(1);
    assertThat(network.attached()).containsOnlyKeys(id);
    assertThat(node.ip(id)).isEqualTo(network.cached(id).orElseThrow().addresses().getFirst());
    takeAllDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"after create", "after start", "before attach", "after attach"})
  void aHalfMadeSandboxThatNobodyAsksForAgainCanBeTakenDown(String moment) throws Exception {
    killDuring(moment, () -> node.run(WEB));
    ContainerId next = node.run(Requests.withAttempt(WEB, 1));
    assertThat(network.attached()).containsOnlyKeys(next);
    takeAllDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"before stop", "after stop", "before detach", "after detach"})
  void anInterruptedStopIsFinishedByTheNext(String moment) throws Exception {
    ContainerId id = node.run(WEB);
    ContainerId app = runWorkload(id, "app");
    killDuring(moment, () -> node.stop(id.value()));
    node.stop(id.value());
    assertThat(List.of(app, id)).noneMatch(this::runs);
    assertThat(network.attached()).isEmpty();
    takeAllDown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"before remove", "after remove", "before detach", "after detach"})
  void anInterruptedRemovalIsFinishedByTheNext(String moment) throws Exception {
    ContainerId id = node.run(WEB);
    runWorkload(id, "app");
    killDuring(moment, () -> node.remove(id.value()));
    node.remove(id.value());
    Eventually.until("the record is gone", () -> recordFiles().isEmpty());
    assertNothingLeft();
  }

  @Test
  void completePodsSurviveWithTheirAddresses() throws Exception {
    ContainerId one = node.run(Requests.run("one"));
    ContainerId two = node.run(Requests.runOnHost("two"));
    String ip = node.ip(one);
    killDuring("before start", () -> node.run(WEB));
    assertThat(node.listed(PodSandboxState.SANDBOX_READY))
        .containsExactlyInAnyOrder(one.value(), two.value());
    assertThat(node.ip(one)).isEqualTo(ip).isNotEmpty();
    takeAllDown();
  }

  @Test
  void afterARebootAddressesAreFreeBeforeTheNextSandboxIsMade() {
    List<ContainerId> before =
        List.of(
            node.run(Requests.run("one")),
            node.run(Requests.run("two")),
            node.run(Requests.run("three")));
    node.close();
    before.forEach(id -> docker.exit(id.value(), 255));
    docker.removeBehind(before.get(2).value());
    node = Node.start(docker, network, disk);
    ContainerId next = node.run(Requests.withAttempt(Requests.run("one"), 1));
    assertThat(network.attached()).containsOnlyKeys(next);
    assertThat(network.calls(Verb.DETACH)).hasSize(3).allMatch(c -> c.netns().isEmpty());
    takeAllDown();
  }

  @Test
  void whenDockerComesBackWithoutItsContainersTheirNetworksAreReleased() {
    ContainerId id = node.run(WEB);
    docker.down();
    Eventually.until("Docker is known to be away", () -> !node.view.health().ready());
    docker.exit(id.value(), 137);
    docker.up();
    Eventually.until("the network is released", () -> network.attached().isEmpty());
    Eventually.until("Docker is back", () -> node.view.health().ready());
    assertThat(node.listed(PodSandboxState.SANDBOX_NOTREADY)).containsExactly(id.value());
    takeAllDown();
  }

  private void killDuring(String moment, Runnable work) throws InterruptedException {
    node.mortality.killAt(moment);
    Thread.ofVirtual().start(work);
    node.mortality.awaitDeath();
    node = Node.start(docker, network, disk);
  }

  private void takeAllDown() {
    for (PodSandbox sandbox : node.list()) {
      node.stop(sandbox.getId());
      node.remove(sandbox.getId());
    }
    assertNothingLeft();
  }
}
