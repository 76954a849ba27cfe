package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ends that Docker tells at once and describes late. */
class ToldEndsTest {
  private final CompletableFuture<Void> answer = new CompletableFuture<>();
  private ViewRig rig = new ViewRig(ViewRig.believingEndsAfter(Duration.ofMillis(1)));

  @AfterEach
  void close() {
    answer.complete(null);
    rig.close();
  }

  @Test
  void anEndIsShownFromItsEventUntilDockerDescribesIt() {
    ContainerId web = running();
    Running before = (Running) state(web);
    inspectionsWait();
    rig.fake.exit(web.value(), 3);
    rig.awaitState(web, Exited.class);
    Exited told = (Exited) state(web);
    assertThat(told.exitCode()).isEqualTo(3);
    assertThat(told.oomKilled()).isFalse();
    assertThat(told.startedAt()).contains(before.startedAt());
    assertThat(told.finishedAt()).isAfter(before.startedAt()).isBeforeOrEqualTo(Instant.now());
    answer.complete(null);
    EngineState described = rig.fake.peek(web.value()).orElseThrow().state();
    Eventually.until("Docker's own words", () -> state(web).equals(described));
  }

  @Test
  void whoWasShortOfMemoryIsToldSo() {
    ContainerId web = running();
    inspectionsWait();
    rig.fake.oom(web.value());
    rig.awaitState(web, Exited.class);
    assertThat(((Exited) state(web)).oomKilled()).isTrue();
  }

  @Test
  void theMemoryOfAnEarlierRunDoesNotCount() {
    ContainerId web = running();
    rig.fake.oom(web.value());
    rig.awaitState(web, Exited.class);
    rig.fake.startBehind(web.value());
    rig.awaitState(web, Running.class);
    inspectionsWait();
    rig.fake.exit(web.value(), 137);
    rig.awaitState(web, Exited.class);
    assertThat(((Exited) state(web)).oomKilled()).isFalse();
  }

  @Test
  void whatHasToBeDoneBeforeAnEndIsToldIsDoneBeforeThisOneToo() {
    ContainerId web = running();
    inspectionsWait();
    List<EngineState> shown = new CopyOnWriteArrayList<>();
    rig.view.beforeExit(
        seen -> {
          assertThat(seen.state()).isInstanceOf(Exited.class);
          shown.add(state(web));
        });
    rig.fake.exit(web.value(), 0);
    rig.awaitState(web, Exited.class);
    assertThat(shown).hasSize(1).first().isInstanceOf(Running.class);
  }

  @Test
  void anEndThatCouldNotBePreparedIsShownWhenDockerDescribesIt() {
    ContainerId web = running();
    inspectionsWait();
    List<EngineState> prepared = new CopyOnWriteArrayList<>();
    rig.view.beforeExit(
        seen -> {
          prepared.add(seen.state());
          if (prepared.size() == 1) {
            throw new IllegalStateException("on purpose");
          }
        });
    rig.fake.exit(web.value(), 0);
    Eventually.until("it was tried", () -> !prepared.isEmpty());
    assertThat(state(web)).isInstanceOf(Running.class);
    answer.complete(null);
    rig.awaitState(web, Exited.class);
    assertThat(prepared).hasSize(2);
  }

  @Test
  void aContainerThatRunsAgainIsNotTakenForEnded() {
    ContainerId web = started("a");
    rig.fake.exit(web.value(), 0);
    rig.fake.startBehind(web.value());
    ContainerId other = started("b");
    rig.probe.holdEvents();
    rig.view.start();
    rig.awaitSynced();
    List<EngineState> shown = new CopyOnWriteArrayList<>();
    rig.view.addListener(
        (_, after, _) -> shown.add(after.container(web.value()).orElseThrow().engine().state()));
    inspectionsWait();
    rig.probe.releaseEvents();
    rig.awaitDelivered("die", web);
    rig.fake.exit(other.value(), 0);
    rig.awaitState(other, Exited.class);
    assertThat(shown).noneMatch(Exited.class::isInstance);
    assertThat(rig.is(web, Running.class)).isTrue();
  }

  @Test
  void anAnswerInTimeIsAllThatIsShown() {
    rig.close();
    rig = new ViewRig();
    ContainerId web = running();
    List<EngineState> shown = new CopyOnWriteArrayList<>();
    rig.view.addListener((_, _, id) -> shown.add(state(id)));
    rig.fake.exit(web.value(), 0);
    rig.awaitState(web, Exited.class);
    assertThat(shown).containsExactly(rig.fake.peek(web.value()).orElseThrow().state());
  }

  private ContainerId running() {
    ContainerId web = started("a");
    rig.startSynced();
    return web;
  }

  private ContainerId started(String pod) {
    ContainerId sandbox = rig.fake.createBehind(Samples.sandboxSpec(pod));
    ContainerId web = rig.fake.createBehind(Samples.containerSpec(pod, sandbox));
    rig.fake.startBehind(web.value());
    return web;
  }

  private void inspectionsWait() {
    rig.probe.onAnswer(
        call -> {
          if (call.startsWith("inspect")) {
            answer.join();
          }
        });
  }

  private EngineState state(ContainerId id) {
    return rig.view.snapshot().container(id.value()).orElseThrow().engine().state();
  }
}
