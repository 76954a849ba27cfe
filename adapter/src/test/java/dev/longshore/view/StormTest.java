package dev.longshore.view;

import static dev.longshore.view.ViewRig.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import dev.longshore.docker.ResourceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Much at once. */
class StormTest {
  private static final int WRITERS = 16;
  private static final int PODS_EACH = 60;

  private ViewRig rig = new ViewRig();

  @AfterEach
  void close() {
    rig.close();
  }

  /** With events and lists going on beside, each writer reads what it wrote, every time. */
  @Test
  void everyChangeIsReadByTheNextRead() throws Exception {
    rig.close();
    rig = new ViewRig(ViewRig.relistingEvery(Duration.ofMillis(1)));
    rig.startSynced();
    List<String> lies = new CopyOnWriteArrayList<>();
    AtomicInteger steps = new AtomicInteger();
    List<Thread> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      String prefix = "w" + writer + "-";
      writers.add(
          Thread.startVirtualThread(
              () -> {
                for (int pod = 0; pod < PODS_EACH; pod++) {
                  new Writer(prefix + pod, lies, steps).live();
                }
              }));
    }
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(lies).isEmpty();
    assertThat(steps).hasValue(WRITERS * PODS_EACH * Writer.STEPS);
    rig.settle();
    assertThat(rig.view.snapshot().sandboxes()).isEmpty();
    assertThat(rig.view.snapshot().containers()).isEmpty();
  }

  @Test
  void aStormOfExitsIsSeenWholeAndAsksFewQuestionsAtATime() {
    List<ContainerId> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      ContainerId id = rig.fake.createBehind(Samples.sandboxSpec("p" + i));
      rig.fake.startBehind(id.value());
      all.add(id);
    }
    rig.startSynced();
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    rig.probe.onAnswer(
        call -> {
          if (call.startsWith("inspect")) {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            LockSupport.parkNanos(100_000);
            now.decrementAndGet();
          }
        });
    all.forEach(id -> rig.fake.exit(id.value(), 1));
    Eventually.until(
        "all have ended",
        () ->
            rig.view.snapshot().sandboxes().stream()
                .allMatch(s -> s.engine().state() instanceof Exited));
    assertThat(most.get()).isBetween(2, 8);
  }

  @Test
  void aContainerThatDoesNotAnswerHoldsUpNoOther() {
    ContainerId slow = rig.fake.createBehind(Samples.sandboxSpec("slow"));
    ContainerId other = rig.fake.createBehind(Samples.sandboxSpec("other"));
    rig.startSynced();
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    rig.probe.onAnswer(
        call -> {
          if (call.equals("inspect " + slow)) {
            asked.incrementAndGet();
            awaitQuietly(answer);
          }
        });
    rig.fake.startBehind(slow.value());
    Eventually.until("the slow one is asked", () -> asked.get() == 1);
    for (int i = 0; i < 50; i++) {
      rig.fake.update(slow, ResourceSpec.NONE, soon());
    }
    rig.fake.exit(slow.value(), 1);
    rig.fake.startBehind(other.value());
    rig.awaitState(other, Running.class);
    rig.awaitDelivered("die", slow);
    answer.countDown();
    rig.awaitState(slow, Exited.class);
    rig.settle();
    assertThat(asked).as("many events, one more question").hasValue(2);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One pod's life; notes every read that did not show what was written just before. */
  private final class Writer {
    static final int STEPS = 8;

    private final String pod;
    private final List<String> lies;
    private final AtomicInteger steps;
    private final DockerEngine docker = rig.probe.engine();

    Writer(String pod, List<String> lies, AtomicInteger steps) {
      this.pod = pod;
      this.lies = lies;
      this.steps = steps;
    }

    void live() {
      ContainerId sandbox;
      try (Mutation mutation = rig.view.mutate(Samples.sandboxName(pod))) {
        sandbox = docker.create(Samples.sandboxSpec(pod), soon());
        check("hidden sandbox", rig.view.snapshot().sandbox(sandbox.value()).isEmpty());
        docker.start(sandbox, soon());
        mutation.refresh(sandbox, soon());
      }
      check("running sandbox", rig.is(sandbox, Running.class));
      ContainerId web;
      ContainerSpec spec = Samples.containerSpec(pod, sandbox);
      try (Mutation mutation = rig.view.mutate(spec.name())) {
        web = docker.create(spec, soon());
        mutation.created(Samples.fresh(web, spec));
      }
      check("created container", rig.is(web, Created.class));
      change(web, spec.name(), () -> docker.start(web, soon()));
      check("running container", rig.is(web, Running.class));
      change(web, spec.name(), () -> docker.stop(web, Duration.ZERO, soon()));
      check("ended container", rig.is(web, Exited.class));
      change(web, spec.name(), () -> docker.remove(web, soon()));
      check("removed container", rig.view.snapshot().container(web.value()).isEmpty());
      change(sandbox, Samples.sandboxName(pod), () -> docker.remove(sandbox, soon()));
      check("removed sandbox", rig.view.snapshot().sandbox(sandbox.value()).isEmpty());
      check("no container of it", rig.view.snapshot().containersOf(sandbox).isEmpty());
    }

    private void change(ContainerId id, String name, Runnable change) {
      try (Mutation mutation = rig.view.mutate(name)) {
        change.run();
        mutation.refresh(id, soon());
      }
    }

    private void check(String what, boolean holds) {
      steps.incrementAndGet();
      if (!holds) {
        lies.add(pod + ": no " + what);
      }
    }
  }
}
