package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTreeTest {
  private static final ContainerId CONTAINER = new ContainerId("ab".repeat(32));
  private static final ContainerId OTHER = new ContainerId("cd".repeat(32));
  private static final int FIRST = 100;
  private static final int COMMAND = 200;

  private FakeProc proc;
  private Processes processes;

  /** A container with its first process, a child of that, and a command in it. */
  @BeforeEach
  void begin(@TempDir Path root) {
    proc = new FakeProc(root);
    processes = new Processes(root);
    proc.add(FIRST, 1, FIRST, FIRST, CONTAINER);
    proc.add(101, FIRST, FIRST, FIRST, CONTAINER);
    proc.add(COMMAND, 99, COMMAND, COMMAND, CONTAINER);
  }

  @Test
  void theCommandAndItsDescendantsDieAndNobodyElse() throws InterruptedException {
    proc.add(201, COMMAND, COMMAND, COMMAND, CONTAINER);
    proc.add(202, 201, 202, 202, CONTAINER);
    proc.add(203, 202, 202, 202, CONTAINER);
    proc.add(300, 99, 300, 300, CONTAINER);
    proc.add(301, 300, 300, 300, CONTAINER);

    assertThat(kill()).isZero();
    assertThat(proc.signals())
        .contains("9 200", "9 201", "9 202", "9 203")
        .noneMatch(signal -> signal.matches(".* (100|101|300|301)"));
  }

  @Test
  void allAreStoppedBeforeTheFirstIsKilled() throws InterruptedException {
    proc.add(201, COMMAND, COMMAND, COMMAND, CONTAINER);
    kill();

    assertThat(proc.signals()).hasSize(4);
    assertThat(proc.signals().subList(0, 2)).allMatch(signal -> signal.startsWith("19 "));
    assertThat(proc.signals().subList(2, 4)).allMatch(signal -> signal.startsWith("9 "));
  }

  @Test
  void aChildForkedWhileItsParentIsBeingStoppedDiesToo() throws InterruptedException {
    proc.onStop(
        pid -> {
          if (pid < 205) {
            proc.add(pid + 1, pid, COMMAND, COMMAND, CONTAINER);
          }
        });

    assertThat(kill()).isZero();
    assertThat(proc.signals()).contains("9 200", "9 201", "9 205");
  }

  @Test
  void anOrphanOfTheSessionDies() throws InterruptedException {
    proc.add(210, FIRST, 210, COMMAND, CONTAINER);
    kill();

    assertThat(proc.signals()).contains("9 210");
  }

  @Test
  void anOrphanWithASessionOfItsOwnDiesIfItHoldsTheOutput() throws InterruptedException {
    proc.pipe(COMMAND, "1", 777);
    proc.add(210, FIRST, 210, 210, CONTAINER);
    proc.pipe(210, "2", 777);
    proc.add(211, FIRST, 211, 211, CONTAINER);
    proc.pipe(211, "1", 778);
    kill();

    assertThat(proc.signals()).contains("9 210").doesNotContain("9 211");
  }

  @Test
  void aProcessOfAnotherContainerIsNeverTouched() throws InterruptedException {
    proc.add(220, COMMAND, COMMAND, COMMAND, OTHER);
    kill();

    assertThat(proc.signals()).doesNotContain("9 220", "19 220");
    assertThat(find(220)).isEmpty();
  }

  @Test
  void theContainersFirstProcessIsNoCommand() {
    assertThat(find(FIRST)).isEmpty();
    assertThat(find(999)).isEmpty();
  }

  @Test
  void theTreeIsFoundWhenItsRootHasEnded() throws InterruptedException {
    proc.add(201, COMMAND, COMMAND, COMMAND, CONTAINER);
    ProcessTree tree = find(COMMAND).orElseThrow();
    proc.remove(COMMAND);

    assertThat(tree.rootRuns()).isFalse();
    assertThat(tree.kill(deadline())).isZero();
    assertThat(proc.signals()).contains("9 201").doesNotContain("9 200");
  }

  @Test
  void aReusedPidIsAnotherProcess() throws InterruptedException {
    ProcessTree tree = find(COMMAND).orElseThrow();
    assertThat(tree.rootRuns()).isTrue();
    proc.reuse(COMMAND);

    assertThat(tree.rootRuns()).isFalse();
    tree.kill(deadline());
    assertThat(proc.signals()).doesNotContain("9 200");
  }

  @Test
  void aZombieHasEnded() {
    ProcessTree tree = find(COMMAND).orElseThrow();
    proc.state(COMMAND, 'Z');

    assertThat(tree.rootRuns()).isFalse();
  }

  @Test
  void whatTheKernelDoesNotEndIsCounted() throws InterruptedException {
    ProcessTree stubborn =
        ProcessTree.find(processes, (_, _) -> true, CONTAINER, FIRST, COMMAND).orElseThrow();

    assertThat(stubborn.kill(Deadline.in(Duration.ofMillis(20)))).isEqualTo(1);
  }

  private int kill() throws InterruptedException {
    return find(COMMAND).orElseThrow().kill(deadline());
  }

  private Optional<ProcessTree> find(int pid) {
    return ProcessTree.find(processes, proc::send, CONTAINER, FIRST, pid);
  }

  private static Deadline deadline() {
    return Deadline.in(Duration.ofSeconds(10));
  }
}
