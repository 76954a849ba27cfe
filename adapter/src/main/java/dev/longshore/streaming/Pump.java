package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.docker.EngineStream;
import dev.longshore.docker.TerminalSize;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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

  private final EngineStream docker;
  private final TerminalStreams client;
  private final Consumer<TerminalSize> resize;
  private final ByteBufAllocator buffers;

  /** Since when output has been awaited, as {@code nanoTime}; while {@link #waiting}. */
  private volatile long waitingSince;

  private volatile boolean waiting;
  private volatile boolean drained;

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
    try (Chunk chunk = new Chunk(buffers, CHUNK)) {
      EngineStream.Output source = read(chunk);
      while (source != EngineStream.Output.END) {
        Optional<ClientStream> to =
            source == EngineStream.Output.STDERR ? client.stderr() : client.stdout();
        if (to.isPresent()) {
          chunk.sendTo(to.get());
        }
        source = read(chunk);
      }
    }
  }

  private EngineStream.Output read(Chunk into) {
    waitingSince = System.nanoTime();
    waiting = true;
    try {
      return docker.read(into.room());
    } catch (CriException e) {
      if (drained) {
        return EngineStream.Output.END;
      }
      throw e;
    } finally {
      waiting = false;
    }
  }

  /**
   * Ends the output once nothing has come for that long, though something holds it open. What has
   * come reaches the client.
   */
  void drain(Duration quiet) throws InterruptedException {
    long left = quiet.toNanos();
    while (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
      left = waiting ? quiet.toNanos() - (System.nanoTime() - waitingSince) : quiet.toNanos();
    }
    drained = true;
    docker.close();
  }

  private void copyInput(Inbox from) {
    try {
      from.drainTo(docker::write);
      docker.closeInput();
    } catch (CriException | IOException e) {
      // The command has ended, or closed its input: what else is sent goes nowhere.
      log.debug("input is no longer taken", e);
      from.discard();
    } catch (InterruptedException e) {
      from.discard();
    }
  }
}
