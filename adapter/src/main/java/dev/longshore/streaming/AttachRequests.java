package dev.longshore.streaming;

import dev.longshore.cri.v1.AttachRequest;
import dev.longshore.cri.v1.AttachResponse;
import dev.longshore.docker.EngineContainer;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;

/** Attach: checks the request and keeps it for the client that will come to the URL. */
public final class AttachRequests {
  private final View view;
  private final StreamUrls urls;

  public AttachRequests(View view, StreamUrls urls) {
    this.view = view;
    this.urls = urls;
  }

  /**
   * Answers with a URL; Docker is not asked for anything yet.
   *
   * @throws dev.longshore.common.CriException INVALID, NOT_FOUND, NOT_READY when the container does
   *     not run, EXHAUSTED when too many clients are awaited
   */
  public AttachResponse prepare(AttachRequest request) {
    String id = Requests.require("container_id", request.getContainerId());
    Target.Streams streams =
        Requests.streams(
            request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    Requests.Subject subject =
        Requests.running(
            view.snapshot().container(id).map(ContainerView::engine), "attach to", "container", id);
    EngineContainer container = subject.container();
    return AttachResponse.newBuilder()
        .setUrl(
            urls.prepare(
                new Target.Attach(
                    container.id(), subject.title(), container.host().tty(), streams)))
        .build();
  }
}
