package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.longshore.common.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to, and looks at, real processes: children of this test. */
class SignalsTest {
  private final Signals signals = new Signals();
  private final Processes processes = new Processes(Path.of("/proc"));

  @Test
  void aProcessIsStoppedAndKilled() throws IOException, InterruptedException {
    Process sleeper = new ProcessBuilder("sleep", "1000").start();
    int pid = (int) sleeper.pid();

    assertThat(signals.send(pid, Signals.SIGSTOP)).isTrue();
    Eventually.until("it is stopped", () -> processes.stat(pid).orElseThrow().state() == 'T');
    assertThat(signals.send(pid, Signals.SIGKILL)).isTrue();
    assertThat(sleeper.waitFor()).isEqualTo(128 + Signals.SIGKILL);
    assertThat(signals.send(pid, Signals.SIGKILL)).isFalse();
    assertThat(processes.stat(pid)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  void whatWouldHitManyIsRefused(int pid) {
    assertThatIllegalArgumentException().isThrownBy(() -> signals.send(pid, Signals.SIGKILL));
  }

  @Test
  void aProcessIsFoundWithItsParentOutputAndCgroup() throws IOException, InterruptedException {
    Process sleeper = new ProcessBuilder("sleep", "1000").start();
    int pid = (int) sleeper.pid();
    try {
      int self = (int) ProcessHandle.current().pid();
      assertThat(processes.stat(pid)).get().extracting(ProcessStat::parent).isEqualTo(self);
      Eventually.until("its pipes are in place", () -> processes.outputPipes(pid).size() == 2);
      // Every line of a cgroup file has colons, and no path of a cgroup is named like that.
      assertThat(processes.inCgroup(":")).extracting(ProcessStat::pid).contains(pid, self);
      assertThat(processes.isInCgroup(pid, "no-such-cgroup")).isFalse();
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
  }
}
