package dev.longshore.container;

import com.google.protobuf.ByteString;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ExecSpec;
import dev.longshore.kernel.ProcessTree;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;
import java.time.Duration;

/**
 * ExecSync: three Docker requests for a short command (create, start, inspect), one more for a long
 * one, whose pid is looked up. The command has the container's user and environment. When its time
 * is up, or its caller goes away, it is killed with everything it started.
 */
public final class ExecSync {
  /** Bytes kept of each output: both together stay below gRPC's 16 MiB. */
  static final int OUTPUT_BOUND = 4 << 20;

  private static final Duration QUESTION_BUDGET = Duration.ofSeconds(5);

  /** Docker's exit codes for a command it could not run, as a shell has them. */
  private static final int CANNOT_EXECUTE = 126;

  private static final int NOT_FOUND = 127;
  private static final ByteString RUNTIME_FAILURE =
      ByteString.copyFromUtf8("OCI runtime exec failed");

  private final View view;
  private final DockerEngine engine;
  private final Processes processes;
  private final Signals signals;

  public ExecSync(View view, DockerEngine engine, Processes processes, Signals signals) {
    this.view = view;
    this.engine = engine;
    this.processes = processes;
    this.signals = signals;
  }

  /**
   * Runs a command and answers with its exit code and output, each stream cut at {@value
   * #OUTPUT_BOUND} bytes. A timeout of 0 means none but the caller's deadline.
   *
   * @throws CriException NOT_FOUND for an unknown container, NOT_READY for one that does not run,
   *     TIMED_OUT when the command did not end in time, INVALID when the container has no such
   *     program
   */
  public ExecSyncResponse handle(ExecSyncRequest request, Deadline deadline) {
    ContainerView container = Lookup.require(view, request.getContainerId(), "run a command in");
    Requests.require("cmd", request.getCmdCount() > 0);
    if (request.getTimeout() < 0) {
      throw Requests.invalid("timeout", "must not be negative, got " + request.getTimeout());
    }
    if (!(container.engine().state() instanceof EngineState.Running running)) {
      throw notRunning(container, "");
    }
    String execId = create(request, container, deadline);
    Deadline limit =
        request.getTimeout() == 0
            ? deadline
            : deadline.atMost(Duration.ofSeconds(request.getTimeout()));
    ExecRun run =
        new ExecRun(
            (stdout, stderr) -> engine.runExec(execId, stdout, stderr, Deadline.never()),
            () -> engine.inspectExec(execId, Deadline.in(QUESTION_BUDGET)),
            pid ->
                ProcessTree.find(
                    processes, signals::send, container.engine().id(), running.pid(), pid),
            "command %s in container %s".formatted(request.getCmdList(), Lookup.title(container)));
    return answer(run, run.await(limit));
  }

  private String create(ExecSyncRequest request, ContainerView container, Deadline deadline) {
    try {
      return engine.createExec(
          container.engine().id(), new ExecSpec(request.getCmdList(), false, false), deadline);
    } catch (CriException e) {
      if (e.kind() == Kind.NOT_READY) {
        throw notRunning(container, ": " + e.getMessage());
      }
      throw e;
    }
  }

  private static ExecSyncResponse answer(ExecRun run, int exitCode) {
    ByteString stdout = run.stdout();
    if ((exitCode == CANNOT_EXECUTE || exitCode == NOT_FOUND)
        && stdout.startsWith(RUNTIME_FAILURE)) {
      throw new CriException(
          Kind.INVALID, "cannot run %s: %s".formatted(run, stdout.toStringUtf8().strip()));
    }
    return ExecSyncResponse.newBuilder()
        .setExitCode(exitCode)
        .setStdout(stdout)
        .setStderr(run.stderr())
        .build();
  }

  private static CriException notRunning(ContainerView container, String dockersWords) {
    return new CriException(
        Kind.NOT_READY,
        "cannot run a command in container %s: it does not run%s"
            .formatted(Lookup.title(container), dockersWords));
  }
}
