package dev.longshore.metrics;

import java.util.Locale;

/** The text formats that Prometheus reads. */
public enum Format {
  /** Prometheus' own, version 0.0.4: read by everything, has no units. */
  TEXT("text/plain; version=0.0.4; charset=utf-8"),
  /** OpenMetrics 1.0. */
  OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String contentType;

  Format(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /** What a client that sends this Accept header is given. */
  public static Format accepted(String accept) {
    return accept.toLowerCase(Locale.ROOT).contains("application/openmetrics-text")
        ? OPEN_METRICS
        : TEXT;
  }
}
