package dev.longshore.docker;

import dev.longshore.metrics.Source;
import java.util.List;

/** A Docker Engine whose requests are counted, timed and traced. */
public final class MeteredDockerEngine extends PolicedDockerEngine {
  private final RequestFigures figures;

  /** Meters what reaches {@code target}: wrapped closest to the gateway, retries count too. */
  public MeteredDockerEngine(DockerEngine target) {
    this(target, new RequestFigures());
  }

  private MeteredDockerEngine(DockerEngine target, RequestFigures figures) {
    super(target, CallPolicy.chain(List.of(new RequestTraces(), figures)));
    this.figures = figures;
  }

  /**
   * Requests by kind, which is the method's name ({@code events} for followEvents), and outcome,
   * which is {@code ok} or the failure's kind in lower case.
   */
  public Source figures() {
    return figures;
  }
}
