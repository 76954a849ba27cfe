package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.RuntimeCondition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** dockerd dies, freezes and comes back under load; the server stays up and never lies. */
@Timeout(300)
class EngineAwayIT {
  private final DockerApi machine = DockerApi.ofMachine();
  private TestEngine engine = TestEngine.create();
  private TestNode node = TestNode.of(engine.api());
  private Pods pods = new Pods(node);

  @BeforeEach
  void start() throws IOException {
    engine.start().load(machine, List.of(TestNode.PAUSE, TestNode.BUSYBOX));
    node.start();
  }

  @AfterEach
  void end() throws IOException {
    node.close();
    engine.close();
  }

  @Test
  void aDaemonThatRestartsUnderLoadIsFoundAgainWithoutARestartOfOurs() throws Exception {
    String sandbox = runPod("before");
    Set<String> answers = new ConcurrentSkipListSet<>();
    AtomicBoolean go = new AtomicBoolean(true);
    try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4; i++) {
        readers.execute(() -> readUntilStopped(go, answers));
      }
      engine.stop();
      TestNode.await("reads answer UNAVAILABLE", () -> answers.contains("UNAVAILABLE"));
      assertThat(condition("RuntimeReady").getStatus()).isFalse();
      assertThat(condition("RuntimeReady").getMessage()).contains(engine.api().socket().toString());
      engine.start();
      node.awaitReady();
      go.set(false);
    }
    assertThat(answers).containsOnly("UNAVAILABLE", "one pod");

    // Without live-restore the daemon ends its containers.
    assertThat(pods.sandboxes()).hasSize(1);
    assertThat(pods.sandboxes().getFirst().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(pods.containers())
        .hasSize(1)
        .allMatch(c -> c.getState() == ContainerState.CONTAINER_EXITED);
    pods.remove(sandbox);
    pods.remove(runPod("after"));
    node.assertNothingLeft();
  }

  @Test
  void aDaemonThatHangsIsNoticedAndNothingPilesUp() throws Exception {
    String sandbox = runPod("hang");
    engine.freeze();
    TestNode.await(
        "reads answer UNAVAILABLE", Duration.ofSeconds(10), () -> "UNAVAILABLE".equals(list()));
    Instant start = Instant.now();
    for (int i = 0; i < 100; i++) {
      assertThat(list()).isEqualTo("UNAVAILABLE");
    }
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
    assertThat(condition("RuntimeReady").getStatus()).isFalse();
    engine.thaw();
    node.awaitReady();
    assertThat(pods.sandboxes())
        .hasSize(1)
        .allMatch(s -> s.getState() == PodSandboxState.SANDBOX_READY);
    pods.remove(sandbox);
    node.assertNothingLeft();
  }

  private String runPod(String name) {
    PodSandboxConfig pod = pods.config(name, 0);
    String sandbox = pods.run(pod);
    pods.start(sandbox, pod, Pods.container("app", "sleep", "10000"));
    return sandbox;
  }

  private void readUntilStopped(AtomicBoolean go, Set<String> answers) {
    while (go.get()) {
      answers.add(list());
    }
  }

  /** What a list answers: its code, or how many pods there are. */
  private String list() {
    try {
      int count =
          node.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsCount();
      return count == 1 ? "one pod" : count + " pods";
    } catch (StatusRuntimeException e) {
      return Status.fromThrowable(e).getCode().name();
    }
  }

  private RuntimeCondition condition(String type) {
    return node.conditions().stream()
        .filter(c -> c.getType().equals(type))
        .findFirst()
        .orElseThrow();
  }
}
