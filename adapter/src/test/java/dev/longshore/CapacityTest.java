package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.container.ContainerQueries;
import dev.longshore.container.KernelSide;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.Processes;
import dev.longshore.node.ContainerEvents;
import dev.longshore.view.ContainerView;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ten thousand containers: far more than a node has, so that what grows is seen. */
@Timeout(180)
class CapacityTest {
  private static final int PODS = 2000;
  private static final int CONTAINERS_EACH = 4;
  private static final int ALL = PODS * (1 + CONTAINERS_EACH);
  private static final long MOST_BYTES_EACH = 3 << 10;
  private static final double MOST_MILLIS = 20;
  private static final int ROUNDS = 40;

  @Test
  void tenThousandContainersAreSmallAndQuicklyListed() {
    FakeDockerEngine docker = new FakeDockerEngine();
    assertThat(new Fleet(docker).run(PODS, CONTAINERS_EACH)).hasSize(PODS * CONTAINERS_EACH);
    byte[] socket = new byte[ALL * (2 << 10)];
    long before = usedBytes();
    try (View view = new View(Fleet.withOwnTexts(docker), _ -> {}, _ -> {})) {
      view.addListener(new ContainerEvents(new NoWords(), InstantSource.system()));
      view.start();
      Eventually.until("the view is ready", () -> view.health().ready());
      ContainerQueries queries =
          new ContainerQueries(
              view,
              new KernelSide(new CgroupReader(Path.of("/proc")), new Processes(Path.of("/proc"))));
      double unchanged = bestMillis(() -> {}, () -> send(queries, socket));
      String dying = docker.names().getLast();
      double changed = bestMillis(() -> restart(docker, view, dying), () -> send(queries, socket));
      docker.clearCalls();
      long each = (usedBytes() - before) / ALL;
      System.out.printf(
          "%d containers: %d bytes each, list %.1f ms of CPU, after a change %.1f ms%n",
          ALL, each, unchanged, changed);
      assertThat(view.snapshot().containers()).hasSize(PODS * CONTAINERS_EACH);
      assertThat(each).as("bytes per container").isBetween(100L, MOST_BYTES_EACH);
      assertThat(unchanged).as("ms of CPU per list").isLessThan(MOST_MILLIS);
      assertThat(changed).as("ms of CPU per list after a change").isLessThan(MOST_MILLIS);
    }
  }

  /** Lists all, up to the bytes that go to the caller. */
  private static void send(ContainerQueries queries, byte[] socket) {
    int sent = 0;
    for (byte[] part : queries.list(ListContainersRequest.getDefaultInstance()).parts()) {
      System.arraycopy(part, 0, socket, sent, part.length);
      sent += part.length;
    }
    assertThat(sent).isPositive();
  }

  /** Lets a container end, or start again, and waits until the view knows. */
  private static void restart(FakeDockerEngine docker, View view, String name) {
    ContainerView before = view.snapshot().containerNamed(name).orElseThrow();
    if (before.engine().state() instanceof EngineState.Running) {
      docker.exit(name, 0);
    } else {
      docker.startBehind(name);
    }
    Eventually.until(
        "the change is seen",
        () -> !view.snapshot().containerNamed(name).equals(Optional.of(before)));
  }

  /** In processor time, so that a busy machine does not count. */
  private static double bestMillis(Runnable before, Runnable work) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      before.run();
      long began = threads.getCurrentThreadCpuTime();
      work.run();
      best = Math.min(best, (threads.getCurrentThreadCpuTime() - began) / 1e6);
    }
    return best;
  }

  private static long usedBytes() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  /** Nobody listens, so nothing is described. */
  private static final class NoWords implements ContainerEvents.Pods {
    @Override
    public boolean complete(SandboxView sandbox) {
      return true;
    }

    @Override
    public PodSandboxStatus status(SandboxView sandbox) {
      return PodSandboxStatus.getDefaultInstance();
    }

    @Override
    public List<ContainerStatus> containers(Snapshot snapshot, ContainerId sandbox) {
      return List.of();
    }
  }
}
