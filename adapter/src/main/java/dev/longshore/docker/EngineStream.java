package dev.longshore.docker;

import java.nio.ByteBuffer;

/**
 * Both directions of a command's or a container's input and output, as one connection to Docker.
 * One thread may read while another writes and any other closes. Nothing is kept here: who does not
 * read slows the command down, and a write waits for a command that does not read. Except for
 * {@link #close} every method throws {@link dev.longshore.common.CriException}: UNAVAILABLE when
 * the connection breaks, CANCELLED when it was closed here or the thread was interrupted, which
 * closes it too.
 */
public interface EngineStream extends AutoCloseable {
  /** Where bytes come from. */
  enum Output {
    STDOUT,
    STDERR,
    /** No more will come. */
    END
  }

  /**
   * Waits for output and puts some of it, of one source, into the buffer, which must have room.
   * With a terminal everything is {@link Output#STDOUT}.
   */
  Output read(ByteBuffer into);

  /** Writes all that remains in the buffer to the input. */
  void write(ByteBuffer input);

  /** Ends the input; output goes on. */
  void closeInput();

  /** Ends both directions. The command goes on without them. */
  @Override
  void close();
}
