package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Calls.inBackground;
import static dev.longshore.container.Node.APP;
import static dev.longshore.container.Node.soon;
import static dev.longshore.container.Samples.config;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Start, stop, removal and new limits. */
class LifecycleTest {
  private static final String UNKNOWN = "cd".repeat(32);

  private Node node;

  @BeforeEach
  void begin(@TempDir Path folder) {
    node = new Node(folder);
  }

  @AfterEach
  void end() {
    node.close();
  }

  // ---- start

  @Test
  void aStartCostsTwoRequestsAndIsSeenAtOnce() {
    String id = node.create(config());
    node.docker.clearCalls();
    node.startOnly(id);

    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.docker.calls()).containsExactly("start " + APP, "inspect " + APP);
  }

  @Test
  void aRunningContainerIsStartedAlready() {
    String id = node.running();
    node.docker.clearCalls();
    node.startOnly(id);

    assertThat(node.docker.calls()).isEmpty();
  }

  @Test
  void aContainerStartsOnce() {
    String id = node.running();
    node.docker.exit(id, 3);
    node.awaitState(id, ContainerState.CONTAINER_EXITED);

    assertFails(Kind.NOT_READY, () -> node.startOnly(id)).hasMessageContaining("exit code 3");
  }

  @Test
  void startsAtTheSameTimeShareTheWork() throws Exception {
    String id = node.create(config());
    node.docker.clearCalls();
    node.docker.hang("start");
    var first = inBackground(() -> startAndGet(id));
    Eventually.until("Docker was asked", () -> !node.docker.calls("start").isEmpty());
    var second = inBackground(() -> startAndGet(id));
    node.docker.resume();

    assertThat(first.get()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(second.get()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.docker.calls("start")).hasSize(1);
  }

  private ContainerState startAndGet(String id) {
    node.startOnly(id);
    return node.state(id);
  }

  @Test
  void aFailedStartIsToldInDockersWordsAndListedAsEnded() {
    String id = node.create(config());
    node.docker.exit(node.sandbox.value(), 137);

    assertFails(Kind.NOT_READY, () -> node.startOnly(id))
        .hasMessageContaining(APP)
        .hasMessageContaining("cannot join network of a non running container");
    var status = node.status(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getReason()).isEqualTo("StartError");
    assertThat(status.getMessage()).contains("non running container");
    assertThat(status.getStartedAt()).isZero();
    assertThat(status.getFinishedAt()).isPositive();
    assertThat(status.getExitCode()).isNotZero();
  }

  @Test
  void aStartWhoseAnswerWasLostIsASuccessAtTheRetry() {
    String id = node.create(config());
    node.docker.loseNextAnswer("start", new CriException(Kind.UNAVAILABLE, "broken pipe"));
    assertFails(Kind.UNAVAILABLE, () -> node.startOnly(id));
    node.startOnly(id);

    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(node.docker.calls("start")).hasSize(1);
  }

  @Test
  void aRefusedOomScoreIsLearntForTheNextAttempt() {
    node.docker.refuseNegativeOomScoreAdj(true);
    var guaranteed =
        config()
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(LinuxContainerResources.newBuilder().setOomScoreAdj(-997)));
    String id = node.create(guaranteed);
    assertFails(Kind.INTERNAL, () -> node.startOnly(id)).hasMessageContaining("next attempt");
    guaranteed.getMetadataBuilder().setAttempt(1);
    String next = node.create(guaranteed);
    node.startOnly(next);

    assertThat(node.state(next)).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  // ---- stop

  @Test
  void aTimeoutOfZeroKillsAtOnce() {
    String id = node.running();
    node.docker.clearCalls();
    stop(id, 0);

    // An event that comes late may cost one more inspect.
    assertThat(node.docker.calls()).startsWith("kill " + APP, "inspect " + APP);
    assertThat(node.docker.calls("stop")).isEmpty();
    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(node.status(id).getExitCode()).isEqualTo(137);
  }

  @Test
  void aGraceIsGiven() {
    String id = node.running();
    node.docker.clearCalls();
    stop(id, 30);

    assertThat(node.docker.calls()).startsWith("stop " + APP, "inspect " + APP);
    assertThat(node.docker.calls("kill")).isEmpty();
    assertThat(node.status(id).getExitCode()).isEqualTo(143);
  }

  @Test
  void whatDoesNotRunIsStoppedAlready() {
    String created = node.create(config());
    node.docker.clearCalls();
    stop(created, 5);
    stop(UNKNOWN, 5);

    assertThat(node.docker.calls()).isEmpty();
    assertThat(node.state(created)).isEqualTo(ContainerState.CONTAINER_CREATED);
  }

  @Test
  void aStopTwiceIsAStop() {
    String id = node.running();
    stop(id, 5);
    stop(id, 5);

    assertThat(node.docker.calls("stop")).hasSize(1);
  }

  @Test
  void aContainerThatVanishesWhileItStopsIsStopped() {
    String id = node.running();
    node.docker.failNext("stop", new CriException(Kind.NOT_FOUND, "No such container"));
    node.docker.removeBehind(id);
    stop(id, 5);

    assertThat(node.list()).isEmpty();
  }

  @Test
  void aStopGoesOnWithoutItsCallerAndItsRetryJoins() throws Exception {
    String id = node.running();
    node.docker.hang("stop");
    var call = inBackground(() -> stop(id, 30));
    Eventually.until("Docker was asked", () -> !node.docker.calls("stop").isEmpty());
    call.cancel();
    assertFails(Kind.CANCELLED, call::get);
    var retry = inBackground(() -> stop(id, 30));
    node.docker.resume();
    retry.get();

    assertThat(node.docker.calls("stop")).hasSize(1);
    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  @Test
  void aShorterGraceCutsALongerOneShort() throws Exception {
    String id = node.running();
    node.docker.hang("stop");
    var patient = inBackground(() -> stop(id, 600));
    Eventually.until("Docker was asked", () -> !node.docker.calls("stop").isEmpty());
    stop(id, 0);

    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_EXITED);
    node.docker.resume();
    patient.get();
  }

  @Test
  void aStopThatOutlivesTheDeadlineIsTimedOut() {
    String id = node.running();
    node.docker.hang("stop");
    var request = StopContainerRequest.newBuilder().setContainerId(id).setTimeout(30).build();

    assertFails(
        Kind.TIMED_OUT, () -> node.stop.handle(request, Deadline.in(Duration.ofMillis(20))));
  }

  @Test
  void aNegativeTimeoutIsNone() {
    String id = node.running();
    stop(id, -5);

    assertThat(node.status(id).getExitCode()).isEqualTo(137);
  }

  private boolean stop(String id, long seconds) {
    node.stop.handle(
        StopContainerRequest.newBuilder().setContainerId(id).setTimeout(seconds).build(), soon());
    return true;
  }

  // ---- remove

  @Test
  void aRunningContainerIsRemovedByForce() {
    String id = node.running();
    remove(id);

    assertThat(node.list()).isEmpty();
    assertThat(node.docker.peek(id)).isEmpty();
    assertFails(Kind.NOT_FOUND, () -> node.status(id));
  }

  @Test
  void whatIsUnknownIsRemovedAlready() {
    String id = node.create(config());
    remove(id);
    remove(id);
    remove(UNKNOWN);

    assertThat(node.docker.calls("remove")).hasSize(1);
  }

  @Test
  void removalsAtTheSameTimeShareTheWork() throws Exception {
    String id = node.create(config());
    node.docker.hang("remove");
    var first = inBackground(() -> remove(id));
    Eventually.until("Docker was asked", () -> !node.docker.calls("remove").isEmpty());
    var second = inBackground(() -> remove(id));
    node.docker.resume();
    first.get();
    second.get();

    assertThat(node.docker.calls("remove")).hasSize(1);
  }

  private boolean remove(String id) {
    node.remove.handle(RemoveContainerRequest.newBuilder().setContainerId(id).build(), soon());
    return true;
  }

  // ---- limits

  @Test
  void newLimitsAreInTheNextStatus() {
    String id = node.running();
    node.docker.clearCalls();
    update(id, LinuxContainerResources.newBuilder().setCpuShares(512).setMemoryLimitInBytes(9));

    var limits = node.status(id).getResources().getLinux();
    assertThat(limits.getCpuShares()).isEqualTo(512);
    assertThat(limits.getMemoryLimitInBytes()).isEqualTo(9);
    assertThat(limits.getMemorySwapLimitInBytes()).isEqualTo(9);
    assertThat(node.docker.calls()).startsWith("update " + APP, "inspect " + APP);
  }

  @Test
  void anUpdateOfNothingAsksNobody() {
    String id = node.create(config());
    node.docker.clearCalls();
    update(id, LinuxContainerResources.newBuilder());

    assertThat(node.docker.calls()).isEmpty();
  }

  @Test
  void whatCannotHaveNewLimitsSaysWhy() {
    String id = node.running();
    var noLinux = UpdateContainerResourcesRequest.newBuilder().setContainerId(id).build();
    assertFails(Kind.INVALID, () -> node.update.handle(noLinux, soon()))
        .hasMessageContaining("linux");
    assertFails(Kind.NOT_FOUND, () -> update(UNKNOWN, LinuxContainerResources.newBuilder()));
    node.docker.exit(id, 0);
    node.awaitState(id, ContainerState.CONTAINER_EXITED);
    assertFails(Kind.NOT_READY, () -> update(id, LinuxContainerResources.newBuilder()));
  }

  private void update(String id, LinuxContainerResources.Builder limits) {
    node.update.handle(
        UpdateContainerResourcesRequest.newBuilder().setContainerId(id).setLinux(limits).build(),
        soon());
  }

  @Test
  void aCallWithoutAnIdIsRefused() {
    assertFails(Kind.INVALID, () -> node.startOnly("")).hasMessageContaining("container_id");
    assertFails(Kind.INVALID, () -> stop("", 0)).hasMessageContaining("container_id");
    assertFails(Kind.INVALID, () -> remove(" ")).hasMessageContaining("container_id");
    assertFails(Kind.INVALID, () -> node.status("")).hasMessageContaining("container_id");
  }
}
