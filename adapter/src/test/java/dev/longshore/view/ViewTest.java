package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.docker.EngineState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What readers see while Docker is there. */
class ViewTest {
  private final ViewRig rig = new ViewRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void whatWasThereBeforeIsListed() {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.fake.startBehind(sandbox.value());
    ContainerId web = rig.fake.createBehind(Samples.containerSpec("a", sandbox));
    rig.startSynced();
    Snapshot snapshot = rig.view.snapshot();
    assertThat(snapshot.sandboxes()).extracting(Entry::id).containsExactly(sandbox);
    assertThat(snapshot.containersOf(sandbox)).extracting(Entry::id).containsExactly(web);
    assertThat(snapshot.sandbox(sandbox.value()).orElseThrow().engine().state())
        .isInstanceOf(EngineState.Running.class);
  }

  @Test
  void nothingIsReadBeforeEveryContainerHasAnswered() {
    rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.fake.hang("inspect");
    rig.view.start();
    Eventually.until("the inspect is under way", () -> !rig.fake.calls("inspect").isEmpty());
    assertThatThrownBy(rig.view::snapshot)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    assertThat(rig.view.health().ready()).isFalse();
    rig.fake.resume();
    rig.awaitSynced();
    assertThat(rig.view.snapshot().sandboxes()).hasSize(1);
    assertThat(rig.view.health().engine()).isPresent();
    assertThat(rig.view.health().lastEvent()).isPresent();
  }

  @Test
  void whoPreparesForAnEndIsDoneBeforeItIsTold() {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.fake.startBehind(sandbox.value());
    rig.startSynced();
    List<EngineState> told = new CopyOnWriteArrayList<>();
    rig.view.beforeExit(
        seen ->
            told.add(
                rig.view.snapshot().sandbox(seen.id().value()).orElseThrow().engine().state()));
    rig.fake.exit(sandbox.value(), 1);
    rig.awaitState(sandbox, EngineState.Exited.class);
    assertThat(told).first().isInstanceOf(EngineState.Running.class);
  }

  @Test
  void anEndThatWaitsToBeToldHoldsUpNoOther() {
    List<ContainerId> many =
        IntStream.range(0, 40)
            .mapToObj(i -> rig.fake.createBehind(Samples.sandboxSpec("a" + i)))
            .toList();
    many.forEach(id -> rig.fake.startBehind(id.value()));
    rig.startSynced();
    Set<ContainerId> waiting = ConcurrentHashMap.newKeySet();
    CompletableFuture<Void> told = new CompletableFuture<>();
    rig.view.beforeExit(
        seen -> {
          waiting.add(seen.id());
          told.join();
        });
    many.forEach(id -> rig.fake.exit(id.value(), 1));
    Eventually.until("all wait at a time", () -> waiting.containsAll(many));
    assertThat(rig.view.settled()).isFalse();
    assertThat(told.complete(null)).isTrue();
    many.forEach(id -> rig.awaitState(id, EngineState.Exited.class));
  }

  @Test
  void readsCostNoRequest() {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.startSynced();
    rig.fake.clearCalls();
    for (int i = 0; i < 100; i++) {
      assertThat(rig.view.snapshot().sandbox(sandbox.value())).isPresent();
    }
    assertThat(rig.fake.calls()).isEmpty();
  }

  @Test
  void theLifeOfAContainerIsFollowed() {
    rig.startSynced();
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.awaitState(sandbox, EngineState.Created.class);
    rig.fake.startBehind(sandbox.value());
    rig.awaitState(sandbox, EngineState.Running.class);
    rig.fake.exit(sandbox.value(), 3);
    rig.awaitState(sandbox, EngineState.Exited.class);
    rig.fake.removeBehind(sandbox.value());
    Eventually.until("it is gone", () -> rig.view.snapshot().sandboxes().isEmpty());
  }

  @Test
  void aRenamedContainerIsFoundByItsNewName() {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.startSynced();
    rig.fake.renameBehind(sandbox.value(), Samples.sandboxName("b"));
    Eventually.until(
        "the new name",
        () -> rig.view.snapshot().sandboxNamed(Samples.sandboxName("b")).isPresent());
    assertThat(rig.view.snapshot().sandboxNamed(Samples.sandboxName("a"))).isEmpty();
    rig.fake.renameBehind(sandbox.value(), "web");
    Eventually.until("no pod's name any more", () -> rig.view.snapshot().sandboxes().isEmpty());
  }

  @Test
  void containersThatAreNotOfKubernetesCostNoRequest() {
    rig.startSynced();
    rig.fake.clearCalls();
    ContainerId foreign = rig.fake.createBehind(Samples.spec("db", Map.of("app", "db")));
    rig.fake.startBehind(foreign.value());
    rig.fake.exit(foreign.value(), 0);
    rig.awaitDelivered("die", foreign);
    assertThat(rig.fake.calls("inspect")).isEmpty();
    assertThat(rig.view.snapshot().containers()).isEmpty();
  }

  @Test
  void commandsRunInAContainerCostNoInspect() {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.fake.startBehind(sandbox.value());
    rig.startSynced();
    rig.fake.clearCalls();
    rig.exec(sandbox);
    rig.awaitDelivered("exec_die", sandbox);
    assertThat(rig.fake.calls("inspect")).isEmpty();
  }

  @Test
  void theLastEventsOfARemovedContainerCostNoInspect() {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.fake.startBehind(sandbox.value());
    rig.startSynced();
    rig.fake.clearCalls();
    rig.probe.holdEvents();
    try (Mutation mutation = rig.view.mutate(Samples.sandboxName("a"))) {
      rig.fake.remove(sandbox, ViewRig.soon());
      assertThat(mutation.refresh(sandbox, ViewRig.soon())).isEmpty();
    }
    rig.probe.releaseEvents();
    rig.awaitDelivered("destroy", sandbox);
    assertThat(rig.fake.calls("inspect")).hasSize(1);
  }

  @Test
  void imageEventsAreHandedOnAfterAConnect() {
    rig.startSynced();
    rig.fake.offerImage(Samples.IMAGE, rig.fake.image(Samples.IMAGE, ViewRig.soon()).orElseThrow());
    rig.fake.pull(Samples.IMAGE, Optional.empty(), (_, _, _, _) -> {}, ViewRig.soon());
    Eventually.until("the pull is told", () -> rig.imageActions.contains("pull"));
    assertThat(rig.imageActions.getFirst()).isEqualTo("connect");
    assertThat(rig.imageActions).filteredOn("connect"::equals).hasSize(1);
  }

  @Test
  void aFailingHearerOfImageEventsDoesNotEndTheConnection() {
    rig.onImageEvent =
        _ -> {
          throw new IllegalStateException("broken on purpose");
        };
    rig.startSynced();
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec("a"));
    rig.awaitState(sandbox, EngineState.Created.class);
  }

  @Test
  void closingEndsTheStreamAndRefusesReads() {
    rig.startSynced();
    rig.view.close();
    Eventually.until("the stream has ended", () -> rig.fake.followers() == 0);
    assertThatThrownBy(rig.view::snapshot).hasMessageContaining("ShuttingDown");
  }
}
