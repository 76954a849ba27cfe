package dev.longshore.view;

import static dev.longshore.view.ViewRig.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Docker goes, hangs, comes back; events are lost. */
class ConnectionTest {
  private static final Duration OFTEN = Duration.ofMillis(5);

  private ViewRig rig = new ViewRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void whatHappenedWhileAwayIsKnownBeforeTheFirstRead() {
    ContainerId running = sandbox("a");
    ContainerId removed = sandbox("b");
    rig.startSynced();
    rig.fake.down();
    rig.awaitAway();
    assertUnavailable("DockerUnreachable");
    rig.fake.exit(running.value(), 1);
    rig.fake.removeBehind(removed.value());
    ContainerId made = rig.fake.createBehind(Samples.sandboxSpec("c"));
    rig.fake.up();
    rig.awaitSynced();
    assertThat(rig.is(running, Exited.class)).isTrue();
    assertThat(rig.is(made, Created.class)).isTrue();
    assertThat(rig.view.snapshot().sandbox(removed.value())).isEmpty();
  }

  @Test
  void everyConnectionHasItsFirstSnapshotAndItsImageEvent() {
    sandbox("a");
    AtomicBoolean readable = new AtomicBoolean();
    rig.beforeSynced = _ -> readable.compareAndSet(false, rig.view.health().ready());
    rig.startSynced();
    rig.fake.disconnect();
    Eventually.until("a second connection is true", () -> rig.firstSnapshots.size() == 2);
    rig.awaitSynced();
    assertThat(readable).isFalse();
    assertThat(rig.firstSnapshots).allSatisfy(s -> assertThat(s.sandboxes()).hasSize(1));
    assertThat(rig.imageActions).filteredOn("connect"::equals).hasSize(2);
  }

  @Test
  void aDaemonThatHangsWithoutClosingItsStreamIsNoticed() {
    rig.close();
    rig = new ViewRig(ViewRig.pingingEvery(OFTEN, Duration.ofMillis(100)));
    ContainerId sandbox = sandbox("a");
    rig.startSynced();
    rig.fake.hang();
    rig.awaitAway();
    assertUnavailable("DockerNotResponding");
    rig.fake.resume();
    rig.awaitSynced();
    assertThat(rig.is(sandbox, Running.class)).isTrue();
  }

  @Test
  void oneMissedSignOfLifeIsForgiven() {
    rig.close();
    rig = new ViewRig(ViewRig.pingingEvery(OFTEN, Duration.ofSeconds(20)));
    rig.startSynced();
    Instant since = rig.view.health().since();
    for (int miss = 0; miss < 3; miss++) {
      rig.fake.failNext("ping", new CriException(Kind.TIMED_OUT, "once in a while"));
      int pings = rig.fake.calls("ping").size();
      Eventually.until("more pings", () -> rig.fake.calls("ping").size() > pings + 2);
    }
    assertThat(rig.view.health().since()).isEqualTo(since);
  }

  @Test
  void aDaemonThatDoesNotOpenItsStreamIsReported() {
    rig.close();
    Pace pace = ViewRig.STILL;
    rig =
        new ViewRig(
            new Pace(
                pace.pingEvery(),
                pace.pingTimeout(),
                Duration.ofMillis(20),
                pace.relistEvery(),
                pace.listTimeout(),
                pace.inspectTimeout(),
                pace.endPatience(),
                pace.firstPause(),
                pace.longestPause()));
    rig.fake.hang("events");
    rig.view.start();
    Eventually.until(
        "it is reported", () -> rig.view.health().reason().equals("DockerNotResponding"));
    rig.fake.resume();
    rig.awaitSynced();
  }

  @Test
  void aDaemonThatIsAwayFromTheStartIsWaitedFor() {
    rig.fake.down();
    rig.view.start();
    Eventually.until("some attempts", () -> rig.fake.calls("events").size() > 3);
    assertUnavailable("DockerUnreachable");
    Instant since = rig.view.health().since();
    rig.fake.up();
    rig.awaitSynced();
    assertThat(rig.view.health().since()).isAfter(since);
  }

  @Test
  void aFailingFirstLookIsRepeatedAndNamed() {
    AtomicInteger attempts = new AtomicInteger();
    rig.beforeSynced =
        _ -> {
          if (attempts.incrementAndGet() == 1) {
            throw new CriException(Kind.INTERNAL, "no records, on purpose");
          }
        };
    rig.startSynced();
    assertThat(attempts).hasValue(2);
  }

  @Test
  void aContainerThatDoesNotAnswerKeepsTheViewFromBeingTrue() {
    sandbox("a");
    sandbox("b");
    rig.fake.failNext("inspect", new CriException(Kind.TIMED_OUT, "slow on purpose"));
    List<String> reasons = new CopyOnWriteArrayList<>();
    rig.probe.onAnswer(_ -> reasons.add(rig.view.health().reason()));
    rig.probe.holdEvents(); // So that only the first look inspects.
    rig.view.start();
    rig.awaitSynced();
    assertThat(reasons).contains("DockerNotResponding");
    assertThat(rig.view.snapshot().sandboxes()).hasSize(2);
  }

  @Test
  void oneContainerThatNeverAnswersIsLeftAsideInTheEnd() {
    ContainerId stuck = sandbox("stuck");
    List<ContainerId> others = List.of(sandbox("a"), sandbox("b"));
    rig.probe.onAnswer(
        call -> {
          if (call.equals("inspect " + stuck)) {
            throw new CriException(Kind.TIMED_OUT, "stuck on purpose");
          }
        });
    rig.startSynced();
    assertThat(rig.view.snapshot().sandboxes())
        .extracting(Entry::id)
        .containsExactlyInAnyOrderElementsOf(others);
    assertThat(rig.view.listed()).contains(stuck).containsAll(others);
  }

  @Test
  void aDaemonThatAnswersForNoContainerIsNeverAnEmptyList() {
    sandbox("a");
    sandbox("b");
    AtomicBoolean stuck = new AtomicBoolean(true);
    rig.probe.onAnswer(
        call -> {
          if (call.startsWith("inspect") && stuck.get()) {
            throw new CriException(Kind.TIMED_OUT, "stuck on purpose");
          }
        });
    rig.view.start();
    Eventually.until("many attempts", () -> rig.fake.calls("list").size() > 8);
    assertUnavailable("DockerNotResponding");
    stuck.set(false);
    rig.awaitSynced();
    assertThat(rig.view.snapshot().sandboxes()).hasSize(2);
  }

  @Test
  void aFailedInspectIsRepeatedWithTheNextSignOfLife() {
    rig.close();
    rig = new ViewRig(ViewRig.pingingEvery(OFTEN, Duration.ofSeconds(20)));
    ContainerId sandbox = sandbox("a");
    rig.startSynced();
    rig.fake.failNext("inspect", new CriException(Kind.TIMED_OUT, "slow on purpose"));
    rig.fake.exit(sandbox.value(), 1);
    rig.awaitState(sandbox, Exited.class);
  }

  @Test
  void aListHealsWhatEventsDidNotTell() {
    relistOften();
    ContainerId exits = sandbox("a");
    ContainerId goes = sandbox("b");
    rig.startSynced();
    rig.probe.lose(_ -> true);
    rig.fake.exit(exits.value(), 1);
    rig.fake.removeBehind(goes.value());
    ContainerId comes = rig.fake.createBehind(Samples.sandboxSpec("c"));
    rig.awaitState(exits, Exited.class);
    rig.awaitState(comes, Created.class);
    Eventually.until("it is gone", () -> rig.view.snapshot().sandbox(goes.value()).isEmpty());
    assertThat(rig.view.snapshot().sandboxes()).hasSize(2);
  }

  @Test
  void whatAgreesWithTheListIsInspectedByTurns() {
    relistOften();
    ContainerId again = sandbox("a");
    ContainerId other = sandbox("b");
    rig.startSynced();
    rig.fake.clearCalls();
    int lists = 20;
    Eventually.until("many lists", () -> rig.fake.calls("list").size() >= lists);
    int asked = rig.fake.calls("inspect").size();
    int done = rig.fake.calls("list").size();
    assertThat(asked).isBetween(2, 2 * (done / 5 + 2));
    rig.probe.lose(_ -> true);
    rig.fake.exit(again.value(), 1);
    rig.fake.startBehind(again.value());
    EngineState now = rig.fake.peek(again.value()).orElseThrow().state();
    Eventually.until(
        "the other run is seen",
        () ->
            rig.view.snapshot().sandbox(again.value()).orElseThrow().engine().state().equals(now));
    assertThat(rig.is(other, Running.class)).isTrue();
  }

  @Test
  void aListLeavesAloneWhatIsBeingChanged() {
    relistOften();
    ContainerId goes = sandbox("a");
    rig.startSynced();
    try (Mutation _ = rig.view.mutate(Samples.sandboxName("a"));
        Mutation _ = rig.view.mutate(Samples.sandboxName("b"))) {
      rig.fake.removeBehind(goes.value());
      ContainerId comes = rig.fake.createBehind(Samples.sandboxSpec("b"));
      int lists = rig.fake.calls("list").size();
      Eventually.until("more lists", () -> rig.fake.calls("list").size() > lists + 3);
      assertThat(rig.view.snapshot().sandbox(goes.value())).isPresent();
      assertThat(rig.view.snapshot().sandbox(comes.value())).isEmpty();
    }
    Eventually.until(
        "both are as they are",
        () ->
            rig.view.snapshot().sandboxes().stream()
                .map(s -> s.name().pod())
                .toList()
                .equals(List.of("b")));
  }

  @Test
  void aListDoesNotRemoveWhatWasCreatedAfterItWasAsked() {
    relistOften();
    rig.startSynced();
    AtomicBoolean once = new AtomicBoolean(true);
    List<ContainerId> made = new CopyOnWriteArrayList<>();
    List<Snapshot> changes = new CopyOnWriteArrayList<>();
    rig.view.addListener((_, after, _) -> changes.add(after));
    rig.probe.lose(_ -> true);
    rig.probe.onAnswer(
        call -> {
          if (call.startsWith("list") && once.compareAndSet(true, false)) {
            made.add(createSandbox("a")); // After the daemon's answer, before it arrives.
          }
        });
    Eventually.until("a list was slow", () -> !once.get());
    int lists = rig.fake.calls("list").size();
    Eventually.until("more lists", () -> rig.fake.calls("list").size() > lists + 1);
    assertThat(changes).noneMatch(s -> s.sandboxes().isEmpty());
    assertThat(rig.view.snapshot().sandboxes())
        .extracting(Entry::id)
        .containsExactlyElementsOf(made);
  }

  @Test
  void thePauseDoublesUpToItsBound() {
    List<Long> millis = new ArrayList<>();
    Duration pause = Pace.NORMAL.firstPause();
    for (int i = 0; i < 8; i++) {
      millis.add(pause.toMillis());
      pause = Pace.NORMAL.pauseAfter(pause);
    }
    assertThat(millis).containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L);
  }

  private void relistOften() {
    rig.close();
    rig = new ViewRig(ViewRig.relistingEvery(OFTEN));
  }

  private ContainerId sandbox(String pod) {
    ContainerId id = rig.fake.createBehind(Samples.sandboxSpec(pod));
    rig.fake.startBehind(id.value());
    return id;
  }

  private ContainerId createSandbox(String pod) {
    try (Mutation mutation = rig.view.mutate(Samples.sandboxName(pod))) {
      ContainerId id = rig.fake.create(Samples.sandboxSpec(pod), soon());
      mutation.created(Samples.fresh(id, Samples.sandboxSpec(pod)));
      return id;
    }
  }

  private void assertUnavailable(String reason) {
    assertThatThrownBy(rig.view::snapshot)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .hasMessageContaining(reason)
        .hasMessageContaining(rig.view.health().since().toString());
    assertThat(rig.view.health().message()).isNotEmpty();
  }
}
