package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ExecRequest;
import dev.longshore.cri.v1.ExecResponse;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;

/** Exec: checks the request and keeps it for the client that will come to the URL. */
public final class ExecRequests {
  private final View view;
  private final StreamUrls urls;

  public ExecRequests(View view, StreamUrls urls) {
    this.view = view;
    this.urls = urls;
  }

  /**
   * Answers with a URL; Docker is not asked for anything yet.
   *
   * @throws CriException INVALID, NOT_FOUND, NOT_READY when the container does not run, EXHAUSTED
   *     when too many clients are awaited
   */
  public ExecResponse prepare(ExecRequest request) {
    String id = Requests.require("container_id", request.getContainerId());
    if (request.getCmdCount() == 0) {
      throw new CriException(Kind.INVALID, "cmd is missing");
    }
    Target.Streams streams =
        Requests.streams(
            request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    Requests.Subject subject =
        Requests.running(
            view.snapshot().container(id).map(ContainerView::engine),
            "run a command in",
            "container",
            id);
    return ExecResponse.newBuilder()
        .setUrl(
            urls.prepare(
                new Target.Exec(
                    subject.container().id(),
                    subject.pid(),
                    subject.title(),
                    request.getCmdList(),
                    streams)))
        .build();
  }
}
