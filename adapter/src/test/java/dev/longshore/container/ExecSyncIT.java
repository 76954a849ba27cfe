package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Calls.inBackground;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.cri.v1.Int64Value;
import dev.longshore.cri.v1.KeyValue;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.kernel.ProcessStat;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands in a real container; what is left of them is looked up in the machine's /proc. */
@TestInstance(Lifecycle.PER_CLASS)
class ExecSyncIT {
  private RealNode node;
  private String id;

  @BeforeAll
  void begin(@TempDir Path folder) {
    node = new RealNode(folder);
    id =
        node.running(
            node.config("sleep", "1000")
                .addEnvs(
                    KeyValue.newBuilder()
                        .setKey("GREETING")
                        .setValue(ByteString.copyFromUtf8("grüß dich")))
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setSecurityContext(
                            LinuxContainerSecurityContext.newBuilder()
                                .setNamespaceOptions(
                                    NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))
                                .setRunAsUser(Int64Value.newBuilder().setValue(1234)))));
  }

  @AfterAll
  void end() {
    node.close();
  }

  @AfterEach
  void nothingIsLeftInTheContainer() {
    Eventually.until("only the first process runs: " + processes(), () -> processes().size() == 1);
  }

  @Test
  void outputsExitCodeUserAndEnvironmentAreTheContainers() {
    ExecSyncResponse answer =
        node.exec(id, 10, "sh", "-c", "id -u; echo $GREETING; echo err >&2; exit 7");

    assertThat(answer.getStdout().toStringUtf8()).isEqualTo("1234\ngrüß dich\n");
    assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err\n");
    assertThat(answer.getExitCode()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sleep 1000",
        "sleep 1000 & sleep 1000 & wait",
        "sh -c 'sleep 1000 & sleep 1000'",
        "trap '' TERM HUP INT; while true; do sleep 1000; done",
        // A session of its own, whose parent has ended; it holds the output.
        "(busybox setsid sleep 1000 &); sleep 1000",
        "(busybox setsid sh -c '(sleep 1000 &); sleep 1000' &); sleep 1000",
        // Forks all the time.
        "while true; do sleep 1000 & busybox usleep 2000; done",
      })
  void nothingOfACommandSurvivesItsTimeout(String line) {
    assertFails(Kind.TIMED_OUT, () -> node.exec(id, 1, "sh", "-c", line))
        .hasMessageContaining("it was killed with all it had started");

    assertThat(processes()).hasSize(1);
  }

  @Test
  void aCallerWhoGoesAwayEndsTheCommand() throws Exception {
    var call = inBackground(() -> node.exec(id, 0, "sh", "-c", "sleep 1000 & sleep 1000"));
    Eventually.until("it runs", () -> processes().size() > 1);
    call.cancel();

    assertFails(Kind.CANCELLED, call::get);
    assertThat(processes()).hasSize(1);
  }

  @Test
  void aChildLeftInTheBackgroundDoesNotHoldUpTheAnswerAndLives() {
    Instant start = Instant.now();
    ExecSyncResponse answer = node.exec(id, 60, "sh", "-c", "sleep 5 & echo done; exit 3");

    assertThat(answer.getStdout().toStringUtf8()).isEqualTo("done\n");
    assertThat(answer.getExitCode()).isEqualTo(3);
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
    assertThat(processes()).hasSize(2);
  }

  @Test
  void muchOutputIsCutAndTheCommandEnds() {
    ExecSyncResponse answer =
        node.exec(id, 60, "sh", "-c", "yes | head -c 20000000; yes err | head -c 20000000 >&2");

    assertThat(answer.getExitCode()).isZero();
    assertThat(answer.getStdout().size()).isEqualTo(ExecSync.OUTPUT_BOUND);
    assertThat(answer.getStderr().size()).isEqualTo(ExecSync.OUTPUT_BOUND);
    assertThat(answer.getStderr().toStringUtf8()).startsWith("err\nerr\n");
  }

  @Test
  void aProgramThatIsNotThereIsNamed() {
    assertFails(Kind.INVALID, () -> node.exec(id, 10, "nosuchprogram"))
        .hasMessageContaining("nosuchprogram")
        .hasMessageContaining("not found");
    assertFails(Kind.INVALID, () -> node.exec(id, 10, "/etc"))
        .hasMessageContaining("permission denied");
  }

  @Test
  void aShellsExitCodesAreExitCodes() {
    assertThat(node.exec(id, 10, "sh", "-c", "nosuchprogram").getExitCode()).isEqualTo(127);
    assertThat(node.exec(id, 10, "sh", "-c", "exit 126").getExitCode()).isEqualTo(126);
    assertThat(node.exec(id, 10, "sh", "-c", "kill -9 $$").getExitCode()).isEqualTo(137);
  }

  @Test
  void aCommandThatClosesItsOutputIsAwaited() {
    ExecSyncResponse answer = node.exec(id, 30, "sh", "-c", "exec >&- 2>&-; sleep 1; exit 4");

    assertThat(answer.getExitCode()).isEqualTo(4);
  }

  private List<ProcessStat> processes() {
    return node.processes.inCgroup(id).stream().filter(process -> !process.ended()).toList();
  }
}
