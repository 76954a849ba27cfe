package dev.longshore.docker.javaclient;

import java.io.IOException;
import java.io.Serial;

/** A connection that failed, or an answer that is not what HTTP or JSON allow. */
final class TransportException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  TransportException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
