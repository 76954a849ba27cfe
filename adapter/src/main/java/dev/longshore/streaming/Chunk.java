package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Room for what is read next and sent on to a client. What fills it well is handed over as it is;
 * less is copied, so that a buffer for little does not hold memory for much. For one thread.
 */
final class Chunk implements AutoCloseable {
  private final ByteBufAllocator buffers;
  private final int size;
  private ByteBuf buffer;
  private ByteBuffer room;

  Chunk(ByteBufAllocator buffers, int size) {
    this.buffers = buffers;
    this.size = size;
    this.buffer = buffers.directBuffer(size, size);
    this.room = buffer.nioBuffer(0, size);
  }

  /** To be filled by one read; what an earlier read left there and nobody sent is lost. */
  ByteBuffer room() {
    return room.clear();
  }

  /**
   * Sends what the last read has put there, and waits until the client takes it.
   *
   * @throws IOException when the client is gone
   */
  void sendTo(ClientStream client) throws IOException, InterruptedException {
    int length = room.position();
    if (length == 0) {
      return;
    }
    if (length < size / 2) {
      client.write(buffers.directBuffer(length, length).writeBytes(buffer, 0, length));
    } else {
      ByteBuf full = buffer.writerIndex(length);
      buffer = buffers.directBuffer(size, size);
      room = buffer.nioBuffer(0, size);
      client.write(full);
    }
  }

  @Override
  public void close() {
    buffer.release();
  }
}
