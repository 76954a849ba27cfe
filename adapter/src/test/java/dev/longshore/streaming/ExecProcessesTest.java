package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.docker.ExecSpec;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.TestSpecs;
import dev.longshore.kernel.FakeProc;
import dev.longshore.kernel.Processes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of commands whose clients go away. */
final class ExecProcessesTest {
  private static final int CONTAINER_PID = 100;

  private final FakeDockerEngine docker = new FakeDockerEngine();
  private FakeProc proc;
  private Processes processes;
  private ContainerId container;
  private String exec;

  @BeforeEach
  void begin(@TempDir Path root) {
    proc = new FakeProc(root);
    processes = new Processes(root);
    docker.addImage("busybox:1");
    container = docker.create(TestSpecs.container("web", "busybox:1", "sleep"), soon());
    docker.start(container, soon());
    docker.onExec(_ -> FakeDockerEngine.ExecAnswer.hangs(""));
    exec = docker.createExec(container, new ExecSpec(List.of("sleep", "9"), false, false), soon());
    docker.startExec(exec, false, soon());
    proc.add(pid(), 99, pid(), pid(), container);
    docker.clearCalls();
  }

  @Test
  void aCommandIsKilledWithItsChildren() {
    proc.add(pid() + 1, pid(), pid(), pid(), container);
    abandon(true);

    assertThat(proc.signals()).contains("9 " + pid(), "9 " + (pid() + 1));
  }

  @Test
  void aCommandThatIsToBeLeftIsLeft() {
    abandon(false);

    assertThat(proc.signals()).isEmpty();
    assertThat(docker.calls()).isEmpty();
  }

  @Test
  void aProcessOfAnotherContainerThatGotThePidIsSpared() {
    proc.remove(pid());
    proc.add(pid(), 99, pid(), pid(), new ContainerId("cd".repeat(32)));
    docker.endExecs();
    abandon(true);

    assertThat(proc.signals()).isEmpty();
  }

  private void abandon(boolean kill) {
    Target.Exec target =
        new Target.Exec(
            container,
            CONTAINER_PID,
            "web",
            List.of("sleep", "9"),
            new Target.Streams(false, true, false, false));
    new ExecProcesses(docker, processes, proc::send, kill).abandon(exec, target);
  }

  private int pid() {
    return docker.inspectExec(exec, soon()).pid().orElseThrow();
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }
}
