package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Calls.inBackground;
import static dev.longshore.container.Node.APP;
import static dev.longshore.container.Node.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecSyncTest {
  private static final String REFUSAL =
      "OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuch\":"
          + " executable file not found in $PATH: unknown\r\n";

  private Node node;
  private ExecSync exec;

  /** No process is to be seen in an empty folder: what a test ends, it ends in the fake. */
  @BeforeEach
  void begin(@TempDir Path folder, @TempDir Path proc) {
    node = new Node(folder);
    exec = new ExecSync(node.view, node.docker, new Processes(proc), new Signals());
  }

  @AfterEach
  void end() {
    node.docker.endExecs();
    node.close();
  }

  @Test
  void aShortCommandCostsThreeRequests() {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.exits(7, "out", "err"));
    node.docker.clearCalls();
    ExecSyncResponse answer = run(id, 10, "sh", "-c", "x");

    assertThat(answer.getExitCode()).isEqualTo(7);
    assertThat(answer.getStdout().toStringUtf8()).isEqualTo("out");
    assertThat(answer.getStderr().toStringUtf8()).isEqualTo("err");
    assertThat(node.docker.calls()).hasSize(3);
    assertThat(node.docker.calls().getFirst()).isEqualTo("createExec " + APP);
  }

  @Test
  void theCommandIsPassedOnAsItIs() {
    String id = node.running();
    node.docker.onExec(command -> ExecAnswer.exits(0, String.join("|", command), ""));

    assertThat(run(id, 0, "echo", "a b", "").getStdout().toStringUtf8()).isEqualTo("echo|a b|");
  }

  @Test
  void outputBeyondTheBoundIsCutWithoutAWord() {
    String id = node.running();
    String much = "x".repeat(ExecSync.OUTPUT_BOUND + 5);
    node.docker.onExec(_ -> ExecAnswer.exits(0, much, much));
    ExecSyncResponse answer = run(id, 0, "yes");

    assertThat(answer.getStdout().size()).isEqualTo(ExecSync.OUTPUT_BOUND);
    assertThat(answer.getStderr().size()).isEqualTo(ExecSync.OUTPUT_BOUND);
    assertThat(answer.getExitCode()).isZero();
    assertThat(answer.getSerializedSize()).isLessThan(16 << 20);
  }

  @Test
  void aCommandThatTakesTooLongIsTimedOut() {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.hangs("partial"));

    assertFails(Kind.TIMED_OUT, () -> run(id, 1, "sleep", "1000"))
        .hasMessageContaining("sleep")
        .hasMessageContaining(APP)
        .hasMessageContaining("cannot be seen from here");
  }

  @Test
  void theCallersDeadlineHoldsWithoutATimeout() {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.hangs(""));

    assertFails(
        Kind.TIMED_OUT,
        () -> exec.handle(request(id, 0, "sleep"), Deadline.in(Duration.ofMillis(50))));
  }

  @Test
  void aCallerWhoGoesAwayEndsTheWait() throws Exception {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.hangs(""));
    var call = inBackground(() -> run(id, 0, "sleep"));
    Eventually.until("it runs", () -> !node.docker.calls("runExec").isEmpty());
    call.cancel();

    assertFails(Kind.CANCELLED, call::get).hasMessageContaining("went away");
  }

  @Test
  void aProgramThatIsNotThereIsToldInTheRuntimesWords() {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.exits(126, REFUSAL, ""));

    assertFails(Kind.INVALID, () -> run(id, 0, "nosuch"))
        .hasMessageContaining(APP)
        .hasMessageEndingWith("executable file not found in $PATH: unknown");
  }

  @Test
  void aShellsOwn127IsAnExitCode() {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.exits(127, "", "sh: nosuch: not found"));

    assertThat(run(id, 0, "sh", "-c", "nosuch").getExitCode()).isEqualTo(127);
  }

  @Test
  void dockersRefusalIsNamed() {
    String id = node.running();
    node.docker.failNext("runExec", new CriException(Kind.INVALID, "no such user"));

    assertFails(Kind.INVALID, () -> run(id, 0, "id")).hasMessageContaining("no such user");
  }

  @Test
  void aContainerThatEndsEndsItsCommands() throws Exception {
    String id = node.running();
    node.docker.onExec(_ -> ExecAnswer.hangs(""));
    var call = inBackground(() -> run(id, 0, "sleep"));
    Eventually.until("it runs", () -> !node.docker.calls("runExec").isEmpty());
    node.docker.exit(id, 1);

    assertThat(call.get().getExitCode()).isEqualTo(137);
  }

  @Test
  void onlyARunningContainerRunsCommands() {
    assertFails(Kind.NOT_FOUND, () -> run("cd".repeat(32), 0, "id"));
    String created = node.create(Samples.config());
    assertFails(Kind.NOT_READY, () -> run(created, 0, "id"));
    node.startOnly(created);
    node.docker.exit(created, 0);
    node.awaitState(created, ContainerState.CONTAINER_EXITED);
    assertFails(Kind.NOT_READY, () -> run(created, 0, "id"));
  }

  @Test
  void aContainerThatEndedUnseenIsNotReady() {
    String id = node.running();
    node.docker.failNext("createExec", new CriException(Kind.NOT_READY, "is not running"));

    assertFails(Kind.NOT_READY, () -> run(id, 0, "id")).hasMessageContaining(APP);
  }

  @Test
  void wrongRequestsAreRefusedByField() {
    String id = node.running();
    assertFails(Kind.INVALID, () -> run("", 0, "id")).hasMessageContaining("container_id");
    assertFails(Kind.INVALID, () -> run(id, 0)).hasMessageContaining("cmd");
    assertFails(Kind.INVALID, () -> run(id, -1, "id")).hasMessageContaining("timeout");
  }

  private ExecSyncResponse run(String id, long seconds, String... command) {
    return exec.handle(request(id, seconds, command), soon());
  }

  private static ExecSyncRequest request(String id, long seconds, String... command) {
    return ExecSyncRequest.newBuilder()
        .setContainerId(id)
        .setTimeout(seconds)
        .addAllCmd(List.of(command))
        .build();
  }
}
