package dev.longshore.metrics.http;

import dev.longshore.metrics.Exposition;
import dev.longshore.metrics.Format;
import dev.longshore.metrics.Source;

/** Pages that Prometheus reads. */
public final class MetricsPage {
  private MetricsPage() {}

  /** Series in the best format that the client knows. */
  public static Page negotiated(Source source) {
    return accept -> page(source, Format.accepted(accept));
  }

  /**
   * Series in Prometheus' own format, whatever the client knows: for names that OpenMetrics does
   * not allow, such as cAdvisor's counters without {@code _total}.
   */
  public static Page plain(Source source) {
    return _ -> page(source, Format.TEXT);
  }

  private static Page.Answer page(Source source, Format format) {
    return new Page.Answer(
        200,
        format.contentType(),
        out -> {
          Exposition exposition = new Exposition(out, format);
          source.writeTo(exposition);
          exposition.end();
        });
  }
}
