package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.docker.EngineStream;
import dev.longshore.docker.TerminalSize;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves bytes between a client and what Docker runs, until that has ended its output. Each way has
 * a virtual thread, which waits where the other side does not take what it is given.
 */
final class Pump {
  private static final Logger log = LoggerFactory.getLogger(Pump.class);

  /** Docker's own frames are no longer. */
  private static final int CHUNK = 32 * 1024;

  /** Less is copied, so that a buffer for little does not hold memory for much. */
  private static final int LITTLE = CHUNK / 2;

  private final EngineStream docker;
  private final TerminalStreams client;
  private final Consumer<TerminalSize> resize;
  private final ByteBufAllocator buffers;

  Pump(
      EngineStream docker,
      TerminalStreams client,
      Consumer<TerminalSize> resize,
      ByteBufAllocator buffers) {
    this.docker = docker;
    this.client = client;
    this.resize = resize;
    this.buffers = buffers;
  }

  /**
   * Runs until the output ends, and closes Docker's side.
   *
   * @throws IOException when the client is gone
   */
  void run() throws IOException, InterruptedException {
    Optional<Thread> input =
        client.stdin().map(s -> Thread.ofVirtual().name("stdin").start(() -> copyInput(s.input())));
    Optional<Thread> sizes =
        client
            .resize()
            .map(
                s ->
                    Thread.ofVirtual()
                        .name("resize")
                        .start(() -> TerminalSizes.read(s.input(), resize)));
    try {
      copyOutput();
    } finally {
      docker.close();
      input.ifPresent(Thread::interrupt);
      sizes.ifPresent(Thread::interrupt);
      client.stdin().ifPresent(s -> s.input().discard());
      client.resize().ifPresent(s -> s.input().discard());
    }
  }

  private void copyOutput() throws IOException, InterruptedException {
    ByteBuf chunk = buffers.directBuffer(CHUNK, CHUNK);
    try {
      while (true) {
        ByteBuffer view = chunk.nioBuffer(0, CHUNK);
        EngineStream.Output source = docker.read(view);
        if (source == EngineStream.Output.END) {
          return;
        }
        Optional<ClientStream> to =
            source == EngineStream.Output.STDERR ? client.stderr() : client.stdout();
        int length = view.position();
        if (to.isEmpty() || length == 0) {
          continue;
        }
        if (length < LITTLE) {
          to.get().write(buffers.directBuffer(length, length).writeBytes(chunk, 0, length));
        } else {
          ByteBuf full = chunk.writerIndex(length);
          chunk = buffers.directBuffer(CHUNK, CHUNK);
          to.get().write(full);
        }
      }
    } finally {
      chunk.release();
    }
  }

  private void copyInput(Inbox from) {
    try {
      Optional<ByteBuf> data = from.take();
      while (data.isPresent()) {
        ByteBuf buffer = data.get();
        try {
          for (ByteBuffer part : buffer.nioBuffers()) {
            docker.write(part);
          }
        } finally {
          buffer.release();
        }
        data = from.take();
      }
      docker.closeInput();
    } catch (CriException e) {
      // The command has ended, or closed its input: what else is sent goes nowhere.
      log.debug("input is no longer taken", e);
      from.discard();
    } catch (InterruptedException e) {
      from.discard();
    }
  }
}
