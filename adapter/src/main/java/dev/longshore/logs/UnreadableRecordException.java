package dev.longshore.logs;

import java.io.Serial;

/** Bytes in Docker's log that are no record. */
final class UnreadableRecordException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final int skip;

  /** {@code skip} bytes lead to the next record; 0 when nobody knows where that is. */
  UnreadableRecordException(int skip) {
    super("not a record of Docker's log");
    this.skip = skip;
  }

  int skip() {
    return skip;
  }
}
