package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HangUpTest {
  @Test
  void theSignalRunsTheActionAndTheProcessLives() throws Exception {
    CountDownLatch heard = new CountDownLatch(1);
    HangUp.handle(heard::countDown);
    String own = Long.toString(ProcessHandle.current().pid());
    assertThat(new ProcessBuilder("kill", "-HUP", own).start().waitFor()).isZero();
    assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
  }
}
