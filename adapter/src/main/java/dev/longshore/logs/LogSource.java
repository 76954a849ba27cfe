package dev.longshore.logs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where a container's output is read from, record by record. One thread at a time. */
interface LogSource extends Closeable {
  /** The form of what {@link #read} gives. */
  RecordFormat.Kind kind();

  boolean isOpen();

  /**
   * Goes to a position. When that is gone, goes to the oldest there is and answers false: what is
   * between is lost.
   */
  boolean seek(SourcePosition position) throws IOException;

  /** Goes behind everything there is. */
  void seekEnd() throws IOException;

  SourcePosition position() throws IOException;

  /** Reads what follows, without moving; 0 for nothing yet. */
  int read(byte[] buffer) throws IOException;

  /** Moves on by so many bytes of what was read. */
  void advance(long bytes);

  /** How much is known to be ahead, in bytes. */
  long remaining() throws IOException;

  /**
   * What comes after {@code seen} bytes at the position, none of which was a whole record.
   *
   * @throws IOException when it cannot be read now
   */
  Next next(int seen) throws IOException;

  /** How many bytes the last loss took at least. */
  long lost();

  /** The container has ended: nothing is written any more. For any thread. */
  void ending();

  /** Whether {@link Next#NOTHING} means that nothing comes any more, now that it has ended. */
  boolean isWhole();

  /** The file that readers of Docker's own form may be led to. */
  Optional<Path> plainFile();

  /** What comes next. */
  enum Next {
    /** Nothing yet. */
    NOTHING,
    /** More. */
    MORE,
    /** Docker has removed what was not read; the oldest that is left comes next. */
    OVERRUN,
    /** The source was emptied, and is read from its start now. */
    TRUNCATED
  }
}
