package dev.longshore.view;

import static dev.longshore.view.ViewRig.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What our own changes cost, and when readers see them. */
class MutationTest {
  private static final String POD = "a";
  private static final String SANDBOX = Samples.sandboxName(POD);
  private static final String WEB = Samples.containerName(POD);

  private final AtomicReference<Duration> clockError = new AtomicReference<>(Duration.ZERO);
  private final ViewRig rig =
      new ViewRig(ViewRig.STILL, () -> Instant.now().plus(clockError.get()));

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aPodCostsSixRequestsWhenEventsComeBeforeAnswers() {
    rig.startSynced();
    rig.fake.clearCalls();
    rig.probe.onAnswer(call -> awaitEventOf(call));
    runPod();
    assertPodCostSix();
  }

  @Test
  void aPodCostsSixRequestsWhenEventsComeAfterTheChangesHaveEnded() {
    rig.startSynced();
    rig.fake.clearCalls();
    rig.probe.holdEvents();
    runPod();
    rig.probe.releaseEvents();
    assertPodCostSix();
  }

  @Test
  void aPodCostsSixRequestsWhenEventsComeBetweenTheAnswersAndTheEnd() {
    rig.startSynced();
    rig.fake.clearCalls();
    rig.probe.holdEvents();
    try (Mutation all = rig.view.mutate(SANDBOX);
        Mutation others = rig.view.mutate(WEB)) {
      runPod();
      rig.probe.releaseEvents();
      Eventually.until("both starts are delivered", () -> rig.probe.delivered("start") == 2);
      assertThat(all).isNotSameAs(others);
    }
    assertPodCostSix();
  }

  @Test
  void aContainerJustCreatedIsReadWithoutAskingDocker() {
    rig.startSynced();
    ContainerId sandbox = runSandbox();
    rig.fake.clearCalls();
    rig.probe.holdEvents();
    ContainerId web = createContainer(sandbox);
    assertThat(rig.view.snapshot().containerNamed(WEB)).map(Entry::id).contains(web);
    assertThat(rig.fake.calls()).containsExactly("create " + WEB);
  }

  @Test
  void aContainerBeingMadeIsHiddenUntilItsMakerShowsIt() {
    rig.startSynced();
    try (Mutation mutation = rig.view.mutate(SANDBOX)) {
      ContainerId sandbox = rig.fake.create(Samples.sandboxSpec(POD), soon());
      rig.awaitDelivered("create", sandbox);
      rig.settle();
      assertThat(rig.view.snapshot().sandboxes()).isEmpty();
      mutation.refresh(sandbox, soon());
      assertThat(rig.view.snapshot().sandboxes()).hasSize(1);
    }
  }

  @Test
  void aContainerThatNobodyShowedAppearsWhenTheChangeEnds() {
    rig.startSynced();
    ContainerId sandbox;
    try (Mutation _ = rig.view.mutate(SANDBOX)) {
      sandbox = rig.fake.create(Samples.sandboxSpec(POD), soon());
      rig.awaitDelivered("create", sandbox);
    }
    Eventually.until("it appears", () -> rig.is(sandbox, Created.class));
  }

  @Test
  void anEndWhileAChangeIsOpenIsSeenWhenItEnds() {
    rig.startSynced();
    ContainerId sandbox;
    try (Mutation mutation = rig.view.mutate(SANDBOX)) {
      sandbox = rig.fake.create(Samples.sandboxSpec(POD), soon());
      rig.fake.start(sandbox, soon());
      mutation.refresh(sandbox, soon());
      rig.fake.exit(sandbox.value(), 1);
      rig.awaitDelivered("die", sandbox);
      rig.settle();
      assertThat(rig.is(sandbox, Running.class)).isTrue();
    }
    rig.awaitState(sandbox, Exited.class);
  }

  @Test
  void theLastOfTwoChangesOfOneContainerLooksAtWhatWasHeldBack() {
    rig.startSynced();
    ContainerId sandbox = runSandbox();
    Mutation first = rig.view.mutate(SANDBOX);
    Mutation second = rig.view.mutate(SANDBOX);
    rig.fake.exit(sandbox.value(), 1);
    rig.awaitDelivered("die", sandbox);
    first.close();
    first.close();
    rig.settle();
    assertThat(rig.is(sandbox, Running.class)).isTrue();
    second.close();
    rig.awaitState(sandbox, Exited.class);
  }

  @Test
  void aFailedRefreshIsMadeGoodInTheBackground() {
    rig.startSynced();
    ContainerId sandbox = runSandbox();
    rig.probe.lose(event -> event.action().equals("kill") || event.action().equals("die"));
    rig.fake.kill(sandbox, "SIGKILL", soon());
    rig.fake.failNext("inspect", new CriException(Kind.TIMED_OUT, "slow on purpose"));
    try (Mutation mutation = rig.view.mutate(SANDBOX)) {
      assertThatThrownBy(() -> mutation.refresh(sandbox, soon())).hasMessage("slow on purpose");
    }
    rig.awaitState(sandbox, Exited.class);
  }

  @Test
  void somebodyElsesStartOfOurContainerIsSeen() {
    rig.startSynced();
    ContainerId sandbox = runSandbox();
    ContainerId web = createContainer(sandbox);
    rig.fake.startBehind(web.value());
    rig.awaitState(web, Running.class);
  }

  @Test
  void aClockSetBackDoesNotMakeTheViewBlindToOtherActions() {
    rig.startSynced();
    clockError.set(Duration.ofHours(1)); // Until now the clock was an hour fast.
    ContainerId sandbox = runSandbox();
    rig.fake.exit(sandbox.value(), 1);
    rig.awaitState(sandbox, Exited.class);
    rig.fake.removeBehind(sandbox.value());
    Eventually.until("it is gone", () -> rig.view.snapshot().sandboxes().isEmpty());
  }

  @Test
  void aLateAnswerNeitherOverwritesANewerOneNorBringsAContainerBack() throws Exception {
    rig.startSynced();
    ContainerId sandbox = runSandbox();
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch arrive = new CountDownLatch(1);
    rig.probe.onAnswer(
        call -> {
          if (call.startsWith("inspect") && answered.getCount() > 0) {
            answered.countDown();
            await(arrive);
          }
        });
    Thread late = Thread.startVirtualThread(() -> refresh(sandbox));
    await(answered);
    rig.fake.stop(sandbox, Duration.ZERO, soon());
    refresh(sandbox);
    assertThat(rig.is(sandbox, Exited.class)).isTrue();
    rig.fake.remove(sandbox, soon());
    refresh(sandbox);
    arrive.countDown();
    late.join();
    rig.settle();
    assertThat(rig.view.snapshot().sandboxes()).isEmpty();
  }

  @Test
  void changesAreToldInOrderAndWithoutGaps() {
    rig.startSynced();
    List<Snapshot> chain = new ArrayList<>();
    List<ContainerId> ids = new ArrayList<>();
    ChangeListener listener =
        (before, after, id) -> {
          if (!chain.isEmpty()) {
            assertThat(before).isSameAs(chain.getLast());
          }
          chain.add(after);
          ids.add(id);
        };
    rig.view.addListener(
        (_, _, _) -> {
          throw new IllegalStateException("broken on purpose");
        });
    rig.view.addListener(listener);
    ContainerId sandbox = runSandbox();
    ContainerId web = createContainer(sandbox);
    refresh(web);
    rig.view.removeListener(listener);
    refresh(sandbox);
    assertThat(ids).containsExactly(sandbox, web, web);
  }

  private void runPod() {
    startContainer(createContainer(runSandbox()));
    assertThat(rig.view.snapshot().containers())
        .allSatisfy(c -> assertThat(c.engine().state()).isInstanceOf(Running.class));
  }

  private ContainerId runSandbox() {
    try (Mutation mutation = rig.view.mutate(SANDBOX)) {
      ContainerId id = rig.probe.engine().create(Samples.sandboxSpec(POD), soon());
      rig.probe.engine().start(id, soon());
      assertThat(mutation.refresh(id, soon())).isPresent();
      return id;
    }
  }

  private ContainerId createContainer(ContainerId sandbox) {
    ContainerSpec spec = Samples.containerSpec(POD, sandbox);
    try (Mutation mutation = rig.view.mutate(WEB)) {
      ContainerId id = rig.probe.engine().create(spec, soon());
      mutation.created(Samples.fresh(id, spec));
      return id;
    }
  }

  private void startContainer(ContainerId id) {
    try (Mutation mutation = rig.view.mutate(WEB)) {
      rig.probe.engine().start(id, soon());
      mutation.refresh(id, soon());
    }
  }

  private void refresh(ContainerId id) {
    try (Mutation mutation = rig.view.mutate("another name")) {
      mutation.refresh(id, soon());
    }
  }

  private void assertPodCostSix() {
    rig.settle();
    Eventually.until("all events are delivered", () -> rig.probe.delivered("start") == 2);
    rig.settle();
    assertThat(rig.fake.calls())
        .containsExactly(
            "create " + SANDBOX,
            "start " + SANDBOX,
            "inspect " + SANDBOX,
            "create " + WEB,
            "start " + WEB,
            "inspect " + WEB);
  }

  /** Lets the answer of a create or start arrive only after the view has dealt with the event. */
  private void awaitEventOf(String call) {
    if (call.startsWith("start ")) {
      rig.awaitDelivered("start", new ContainerId(call.substring("start ".length())));
    } else if (call.startsWith("create ")) {
      long creates = rig.fake.calls("create").size();
      Eventually.until(
          "the create is delivered", () -> rig.probe.delivered("create") >= creates + 1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
