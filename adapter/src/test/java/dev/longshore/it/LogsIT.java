package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Logs on a real Engine, our own: a server on the machine's would write to these logs, too. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogsIT {
  private static final int CONTAINERS = 4;
  private static final int LINES = 7_000;
  private static final int BURST = 60;
  private static final int KILLS = 5;
  private static final long LIMIT = 48 * 1024;
  private static final int ENOUGH_ROTATIONS = 40;

  private final TestEngine engine = newEngine();
  private final TestNode node = newNode(engine);
  private final Pods pods = new Pods(node);

  private static TestEngine newEngine() {
    try {
      return new TestEngine();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static TestNode newNode(TestEngine engine) {
    try {
      return new TestNode(engine.api());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeAll
  void start() throws IOException {
    engine.start().load(DockerApi.ofMachine(), List.of(TestNode.PAUSE, TestNode.BUSYBOX));
    node.start();
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    for (var sandbox : pods.sandboxes()) {
      pods.remove(sandbox.getId());
    }
    node.assertNothingLeft();
    pods.removeLogs();
  }

  @AfterAll
  void end() throws IOException {
    node.close();
    engine.close();
  }

  @Test
  void everyLineIsThereOnceThroughRotationsAndKills() throws Exception {
    PodSandboxConfig pod = pods.config("logs", 0);
    String sandbox = pods.run(pod);
    LogKubelet kubelet = new LogKubelet(node, LIMIT);
    List<String> containers = new ArrayList<>();
    List<Path> logs = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      ContainerConfig config = Pods.container("w" + i, NumberedLines.command(LINES, BURST, i));
      containers.add(pods.start(sandbox, pod, config));
      logs.add(Pods.log(pod, config));
      kubelet.add(containers.getLast(), logs.getLast());
    }
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService background = Executors.newSingleThreadExecutor()) {
      Future<?> rotating = background.submit(() -> rotate(kubelet, over));
      for (int kill = 0; kill < KILLS; kill++) {
        Thread.sleep(ThreadLocalRandom.current().nextInt(500, 1500));
        node.killServer();
        node.start();
      }
      awaitEnd(containers);
      over.set(true);
      rotating.get();
    }
    for (Path log : logs) {
      assertThat(NumberedLines.check(log)).as("lines in %s", log).isEqualTo(LINES);
    }
    assertThat(kubelet.rotations()).as("rotations").isGreaterThan(ENOUGH_ROTATIONS);
  }

  private static @Nullable Void rotate(LogKubelet kubelet, AtomicBoolean over)
      throws InterruptedException {
    while (!over.get()) {
      kubelet.round();
      Thread.sleep(20);
    }
    return null;
  }

  private void awaitEnd(List<String> containers) {
    TestNode.await(
        "all have ended",
        Duration.ofSeconds(60),
        () ->
            containers.stream()
                .allMatch(id -> pods.status(id).getState() == ContainerState.CONTAINER_EXITED));
  }
}
