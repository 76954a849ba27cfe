package dev.longshore.metrics.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** What is served at a path. */
@FunctionalInterface
public interface Page {
  /**
   * Answers a GET. Runs on a virtual thread, at most {@link MetricsServer#MOST_PAGES} at a time.
   *
   * @param accept the request's Accept header; may be empty
   */
  Answer answer(String accept) throws IOException, InterruptedException;

  /**
   * What a client is sent.
   *
   * @param status an HTTP status
   * @param body writes the content, piece by piece; what it throws after the first 16 KiB cuts the
   *     connection
   */
  record Answer(int status, String contentType, Body body) {
    /** A short text. */
    public static Answer text(int status, String text) {
      return new Answer(
          status,
          "text/plain; charset=utf-8",
          out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** Content that is written when it is sent. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }
}
