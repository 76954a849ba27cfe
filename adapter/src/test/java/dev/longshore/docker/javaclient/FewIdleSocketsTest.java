package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.docker.javaclient.SocketDaemon.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of the sockets to a daemon after a rush. */
final class FewIdleSocketsTest {
  private static final int RUSH = 20;

  @TempDir private Path folder;

  @Test
  void aRushOfRequestsLeavesFewConnectionsBehind() throws Exception {
    CountDownLatch all = new CountDownLatch(RUSH);
    try (SocketDaemon daemon = SocketDaemon.start(folder, "1.41");
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host());
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      daemon.answers(_ -> answerWhenAllHaveAsked(all));
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < RUSH; i++) {
        calls.add(callers.submit(() -> engine.list("label", soon())));
      }
      for (Future<?> call : calls) {
        call.get();
      }

      assertThat(daemon.accepted()).isGreaterThanOrEqualTo(RUSH);
      Eventually.until("the others are closed", () -> daemon.connections() <= FewIdleSockets.KEPT);
    }
  }

  @Test
  void callsOneAfterTheOtherShareAConnection() {
    try (SocketDaemon daemon = SocketDaemon.start(folder, "1.41");
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      daemon.answers(Answer.json(200, "[]"));
      for (int i = 0; i < RUSH; i++) {
        engine.list("label", soon());
      }

      assertThat(daemon.accepted()).isEqualTo(1);
    }
  }

  private static Answer answerWhenAllHaveAsked(CountDownLatch all) {
    all.countDown();
    try {
      all.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Answer.json(200, "[]");
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
