package dev.longshore.logs;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.FileFailures;
import dev.longshore.cri.v1.ReopenContainerLogRequest;
import dev.longshore.cri.v1.ReopenContainerLogResponse;
import dev.longshore.docker.EngineState;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;
import java.io.IOException;

/**
 * ReopenContainerLog: the kubelet has renamed the log and wants a new file in its place. After the
 * answer nothing more goes to the renamed one.
 */
public final class ReopenContainerLog {
  private final View view;
  private final LogFollower logs;

  public ReopenContainerLog(View view, LogFollower logs) {
    this.view = view;
    this.logs = logs;
  }

  /**
   * Goes on in a new file.
   *
   * @throws CriException NOT_FOUND for an unknown container, NOT_READY for one that does not run or
   *     has no log, INTERNAL when the file cannot be made; then the old one is written on
   */
  public ReopenContainerLogResponse handle(ReopenContainerLogRequest request) {
    String id = request.getContainerId();
    if (id.isEmpty()) {
      throw new CriException(Kind.INVALID, "container_id must be set");
    }
    ContainerView container =
        view.snapshot()
            .container(id)
            .orElseThrow(() -> failed(Kind.NOT_FOUND, id, "no such container"));
    if (container.logPath().isEmpty()) {
      throw failed(Kind.NOT_READY, id, "it has no log");
    }
    if (!(container.engine().state() instanceof EngineState.Running)) {
      throw failed(Kind.NOT_READY, id, "it does not run");
    }
    try {
      logs.reopen(container);
    } catch (IOException e) {
      throw new CriException(
          Kind.INTERNAL,
          "cannot reopen the log of container %s, %s: %s"
              .formatted(id, container.logPath(), FileFailures.reason(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "the call was given up", e);
    }
    return ReopenContainerLogResponse.getDefaultInstance();
  }

  private static CriException failed(Kind kind, String id, String why) {
    return new CriException(kind, "cannot reopen the log of container %s: %s".formatted(id, why));
  }
}
