package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Calls.inBackground;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ExecState;
import dev.longshore.kernel.FakeProc;
import dev.longshore.kernel.ProcessTree;
import dev.longshore.kernel.Processes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command whose process, output and state at Docker are ended one by one. */
class ExecRunTest {
  private static final ContainerId CONTAINER = new ContainerId("ab".repeat(32));
  private static final int PID = 200;

  private final CountDownLatch outputEnded = new CountDownLatch(1);
  private final AtomicInteger questions = new AtomicInteger();
  private FakeProc proc;
  private Processes processes;
  private volatile ExecState state = new ExecState(true, OptionalInt.of(PID), OptionalInt.empty());

  @BeforeEach
  void begin(@TempDir Path root) {
    proc = new FakeProc(root);
    processes = new Processes(root);
    proc.add(PID, 99, PID, PID, CONTAINER);
  }

  @Test
  void itsEndIsItsOutputsEnd() {
    outputEnded.countDown();
    exited(3);
    ExecRun run = run();

    assertThat(run.await(soon())).isEqualTo(3);
    assertThat(run.stdout().toStringUtf8()).isEqualTo("out");
    assertThat(questions).hasValue(1);
  }

  @Test
  void dockerIsAskedAgainWhenItHasNotNoticedTheExit() throws Exception {
    outputEnded.countDown();
    var call = inBackground(() -> run().await(soon()));
    Eventually.until("Docker was asked twice", () -> questions.get() >= 2);
    exited(0);

    assertThat(call.get()).isZero();
  }

  @Test
  void outputHeldOpenByOthersIsCutOffOnceTheProcessHasEnded() throws Exception {
    ExecRun run = run();
    var call = inBackground(() -> run.await(soon()));
    Eventually.until("the process is watched", () -> questions.get() == 1);
    proc.remove(PID);
    exited(5);

    assertThat(call.get()).isEqualTo(5);
    assertThat(outputEnded.getCount()).isEqualTo(1);
    assertThat(run.stdout().toStringUtf8()).isEqualTo("out");
  }

  @Test
  void withoutAProcessToSeeDockerIsAsked() throws Exception {
    proc.remove(PID);
    var call = inBackground(() -> run().await(soon()));
    Eventually.until("Docker was asked", () -> questions.get() == 1);
    exited(6);

    assertThat(call.get()).isEqualTo(6);
  }

  @Test
  void anExitDuringTheDrainIsNoTimeout() throws Exception {
    var call = inBackground(() -> run().await(Deadline.in(Duration.ofMillis(1200))));
    Eventually.until("the process is watched", () -> questions.get() == 1);
    proc.remove(PID);
    exited(0);

    assertThat(call.get()).isZero();
  }

  @Test
  void aCommandThatIsTooSlowIsKilled() {
    assertFails(Kind.TIMED_OUT, () -> run().await(Deadline.in(Duration.ofMillis(30))))
        .hasMessage("command x did not end in time; it was killed with all it had started");
    assertThat(proc.signals()).contains("9 " + PID);
  }

  @Test
  void aCommandWhoseCallerGoesAwayIsKilledAndTheInterruptStays() throws Exception {
    var interrupted = new AtomicInteger();
    var call =
        inBackground(
            () -> {
              try {
                return run().await(soon());
              } finally {
                interrupted.set(Thread.currentThread().isInterrupted() ? 1 : -1);
              }
            });
    Eventually.until("it waits", () -> call.thread().getState() == Thread.State.TIMED_WAITING);
    call.cancel();

    assertFails(Kind.CANCELLED, call::get).hasMessageContaining("it was killed");
    assertThat(proc.signals()).contains("9 " + PID);
    assertThat(interrupted).hasValue(1);
  }

  @Test
  void aCallerWhoGoesAwayDuringAQuestionEndsTheCommandToo() throws Exception {
    var asked = new CountDownLatch(1);
    ExecRun run =
        new ExecRun(
            (_, _) -> awaitOutput(),
            () -> {
              if (questions.getAndIncrement() == 0) {
                asked.countDown();
                awaitOutput();
              }
              return state;
            },
            this::tree,
            "command x");
    var call = inBackground(() -> run.await(soon()));
    asked.await();
    call.cancel();

    assertFails(Kind.CANCELLED, call::get).hasMessageContaining("it was killed");
    assertThat(proc.signals()).contains("9 " + PID);
  }

  @Test
  void aCommandThatHadEndedAtTheTimeoutIsNotSearched() {
    exited(0);

    assertFails(Kind.TIMED_OUT, () -> run().await(Deadline.in(Duration.ofMillis(30))))
        .hasMessageContaining("it has ended meanwhile");
    assertThat(proc.signals()).isEmpty();
  }

  @Test
  void aBrokenConnectionKillsWhatNobodyWillHearOf() throws Exception {
    ExecRun run =
        new ExecRun(
            (_, _) -> {
              awaitOutput();
              throw new CriException(Kind.UNAVAILABLE, "broken pipe");
            },
            this::ask,
            this::tree,
            "command x");
    var call = inBackground(() -> run.await(soon()));
    Eventually.until("the process is watched", () -> questions.get() == 1);
    outputEnded.countDown();

    assertFails(Kind.UNAVAILABLE, call::get).hasMessageContaining("broken pipe");
    assertThat(proc.signals()).contains("9 " + PID);
  }

  private ExecRun run() {
    return new ExecRun(
        (stdout, _) -> {
          stdout.accept("out".getBytes(StandardCharsets.UTF_8));
          awaitOutput();
        },
        this::ask,
        this::tree,
        "command x");
  }

  private ExecState ask() {
    questions.incrementAndGet();
    return state;
  }

  private Optional<ProcessTree> tree(int pid) {
    return ProcessTree.find(processes, proc::send, CONTAINER, 100, pid);
  }

  private void exited(int code) {
    state = new ExecState(false, OptionalInt.of(PID), OptionalInt.of(code));
  }

  private void awaitOutput() {
    try {
      outputEnded.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "interrupted", e);
    }
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
