package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** One stream of a client, both ways. */
interface ClientStream {
  /** What the client sends. */
  Inbox input();

  /**
   * Sends the buffer, which is the stream's from now on, and waits first until the client has taken
   * enough of what was sent before. What a client no longer wants to hear is dropped.
   *
   * @throws IOException when the client is gone
   */
  void write(ByteBuf data) throws IOException, InterruptedException;

  /** Tells the client that no more will come. */
  void closeOutput();
}
