package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.ExecState;
import dev.longshore.kernel.ProcessTree;
import dev.longshore.kernel.Processes;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Docker has no calls for: to see a command end while something it left behind holds its
 * output, and to end one whose client went away.
 */
final class ExecProcesses {
  private static final Logger log = LoggerFactory.getLogger(ExecProcesses.class);

  private static final Duration BUDGET = Duration.ofSeconds(8);

  /** For one that Docker may be about to start; most were never asked to be. */
  private static final Duration STARTING = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofMillis(20);

  /** Between looks at a command that is in nobody's way. */
  private static final Duration CALM_LOOK = Duration.ofMillis(200);

  /** Between questions to Docker about a command whose process cannot be seen. */
  private static final Duration QUESTION = Duration.ofSeconds(2);

  private final DockerEngine engine;
  private final Processes processes;
  private final ProcessTree.Sender signals;
  private final boolean killAbandoned;

  /** {@code killAbandoned} false leaves commands running whose clients go away. */
  ExecProcesses(
      DockerEngine engine, Processes processes, ProcessTree.Sender signals, boolean killAbandoned) {
    this.engine = engine;
    this.processes = processes;
    this.signals = signals;
    this.killAbandoned = killAbandoned;
  }

  /** Waits until the command's first process has ended, whatever it left behind. */
  void awaitEnd(String execId, Target.Exec target) throws InterruptedException {
    while (true) {
      ExecState state = engine.inspectExec(execId, Deadline.in(BUDGET));
      if (!state.running() && state.exitCode().isPresent()) {
        return;
      }
      Optional<ProcessTree> tree = tree(state, target);
      if (tree.isPresent()) {
        while (tree.get().rootRuns()) {
          Thread.sleep(CALM_LOOK);
        }
        return;
      }
      Thread.sleep(QUESTION);
    }
  }

  /**
   * Kills what runs of a command whose client is gone, unless that is to be left; an interrupt that
   * came before does not stop this.
   */
  void abandon(String execId, Target.Exec target) {
    if (!killAbandoned) {
      log.info("a command in {} may go on without its client", target.title());
      return;
    }
    boolean interrupted = Thread.interrupted();
    try {
      kill(execId, target, Deadline.in(BUDGET));
    } catch (CriException e) {
      log.warn("a command in {} may go on without its client: {}", target.title(), e.getMessage());
    } catch (InterruptedException e) {
      interrupted = true;
      log.warn("a command in {} may go on without its client: no time to end it", target.title());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void kill(String execId, Target.Exec target, Deadline deadline)
      throws InterruptedException {
    Deadline starting = deadline.atMost(STARTING);
    while (true) {
      ExecState state = engine.inspectExec(execId, deadline);
      if (!state.running() && (state.exitCode().isPresent() || starting.passed())) {
        return;
      }
      Optional<ProcessTree> tree = tree(state, target);
      if (tree.isPresent()) {
        int left = tree.get().kill(deadline);
        log.info(
            "a command in {} was killed, as its client went away{}",
            target.title(),
            left == 0 ? "" : "; the kernel has not ended %d processes yet".formatted(left));
        return;
      }
      if (deadline.passed()) {
        log.warn(
            "a command in {} may go on without its client: its process cannot be seen from here",
            target.title());
        return;
      }
      Thread.sleep(LOOK);
    }
  }

  private Optional<ProcessTree> tree(ExecState state, Target.Exec target) {
    return state.pid().isPresent()
        ? ProcessTree.find(
            processes, signals, target.container(), target.containerPid(), state.pid().getAsInt())
        : Optional.empty();
  }
}
