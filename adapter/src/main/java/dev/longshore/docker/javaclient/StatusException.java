package dev.longshore.docker.javaclient;

import java.io.Serial;

/** An answer that is not a success, with what the daemon said about it. */
final class StatusException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;
  private final String said;

  StatusException(int status, String said) {
    super(said);
    this.status = status;
    this.said = said;
  }

  /** The daemon's own words, possibly none. */
  String said() {
    return said;
  }

  int status() {
    return status;
  }
}
