package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.PodSandboxConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the server process starts and ends. */
@Timeout(120)
class ServeIT {
  @Test
  void theStartIsToldInOneLineAndATermSignalEndsItCleanly() throws Exception {
    try (TestNode node = new TestNode(DockerApi.ofMachine()).start()) {
      TestNode.await("the line", () -> node.log().contains("serves unix://" + node.socket()));
      assertThat(node.log())
          .containsPattern("serves unix://\\S+; Docker \\S+ \\(API 1\\.\\d+\\); pod network it");
      assertThat(node.stopServer()).isZero();
      assertThat(node.socket()).doesNotExist();
    }
  }

  @Test
  void aCommandUnderWayFinishesBeforeTheServerEnds() throws Exception {
    try (TestNode node = new TestNode(DockerApi.ofMachine()).start()) {
      Pods pods = new Pods(node);
      PodSandboxConfig pod = pods.config("busy", 0);
      String sandbox = pods.run(pod);
      String container = pods.start(sandbox, pod, Pods.container("app", "sleep", "1000"));
      CompletableFuture<String> said =
          CompletableFuture.supplyAsync(
              () ->
                  pods.exec(container, "sh", "-c", "sleep 2; echo done").getStdout().toStringUtf8(),
              Thread::startVirtualThread);
      TestNode.await("the command runs", () -> hasCommand(node, container));
      assertThat(node.stopServer()).isZero();
      assertThat(said.get(10, TimeUnit.SECONDS)).isEqualTo("done\n");
    }
  }

  private static boolean hasCommand(TestNode node, String container) {
    try {
      return !node.docker().inspect(container).path("ExecIDs").isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
