package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.PortForwardRequest;
import dev.longshore.cri.v1.PortForwardResponse;
import dev.longshore.view.SandboxView;
import dev.longshore.view.View;

/** PortForward: checks the request and keeps it for the client that will come to the URL. */
public final class PortForwardRequests {
  private static final int LARGEST = 0xffff;

  private final View view;
  private final StreamUrls urls;

  public PortForwardRequests(View view, StreamUrls urls) {
    this.view = view;
    this.urls = urls;
  }

  /**
   * Answers with a URL; nothing is connected yet.
   *
   * @throws CriException INVALID, NOT_FOUND, NOT_READY when the sandbox does not run, EXHAUSTED
   *     when too many clients are awaited
   */
  public PortForwardResponse prepare(PortForwardRequest request) {
    String id = Requests.require("pod_sandbox_id", request.getPodSandboxId());
    for (int port : request.getPortList()) {
      if (port < 1 || port > LARGEST) {
        throw new CriException(
            Kind.INVALID, "port: %d is not between 1 and %d".formatted(port, LARGEST));
      }
    }
    Requests.Subject subject =
        Requests.running(
            view.snapshot().sandbox(id).map(SandboxView::engine),
            "forward ports of",
            "sandbox",
            id);
    return PortForwardResponse.newBuilder()
        .setUrl(
            urls.prepare(
                new Target.PortForward(
                    subject.title(),
                    subject.pid(),
                    subject.container().host().networkMode().equals("host"),
                    request.getPortList())))
        .build();
  }
}
