package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The connection to a command that a test plays: a program on a thread of its own, with bounded
 * pipes as a real one has. Thread-safe.
 */
public final class FakeStream implements EngineStream {
  /** As much as a socket of the kernel holds, roughly. */
  private static final int BOUND = 256 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Piece> output = new ArrayDeque<>();
  private final ArrayDeque<byte[]> input = new ArrayDeque<>();
  private int outputBytes;
  private int inputBytes;
  private boolean inputEnded;
  private boolean outputEnded;
  private boolean closed;

  /** What a test lets a command do. */
  @FunctionalInterface
  public interface Program {
    /** Runs to its exit code; an interrupt or a closed pipe ends it. */
    int run(FakeStream io) throws InterruptedException;
  }

  void start(String name, Program program, IntConsumer ended) {
    Thread.ofVirtual()
        .name("program " + name)
        .start(
            () -> {
              int code = 137;
              try {
                code = program.run(this);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } finally {
                ended.accept(code);
                endOutput();
              }
            });
  }

  /** For the program: waits for input; empty at its end. */
  public Optional<byte[]> readInput() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (input.isEmpty() && !inputEnded && !closed) {
        changed.await();
      }
      byte[] piece = input.poll();
      if (piece != null) {
        inputBytes -= piece.length;
        changed.signalAll();
      }
      return Optional.ofNullable(piece);
    } finally {
      lock.unlock();
    }
  }

  /** For the program: writes, and waits for room; what nobody reads any more is lost. */
  public void print(Output to, byte[] bytes) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (outputBytes >= BOUND && !closed) {
        changed.await();
      }
      if (!closed) {
        output.add(new Piece(to, ByteBuffer.wrap(bytes)));
        outputBytes += bytes.length;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  public void print(String text) throws InterruptedException {
    print(Output.STDOUT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** For the program: waits until its client is gone. */
  public void awaitClosed() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of input that the program has not read. */
  public int unreadInput() {
    lock.lock();
    try {
      return inputBytes;
    } finally {
      lock.unlock();
    }
  }

  private void endOutput() {
    lock.lock();
    try {
      outputEnded = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Output read(ByteBuffer into) {
    lock.lock();
    try {
      while (output.isEmpty() && !outputEnded && !closed) {
        changed.await();
      }
      if (closed) {
        throw new CriException(Kind.CANCELLED, "cannot read: the connection was closed");
      }
      Piece piece = output.peek();
      if (piece == null) {
        return Output.END;
      }
      int n = Math.min(piece.bytes.remaining(), into.remaining());
      into.put(piece.bytes.slice(piece.bytes.position(), n));
      piece.bytes.position(piece.bytes.position() + n);
      outputBytes -= n;
      if (!piece.bytes.hasRemaining()) {
        Piece _ = output.remove();
      }
      changed.signalAll();
      return piece.source;
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(ByteBuffer bytes) {
    lock.lock();
    try {
      while (inputBytes >= BOUND && !closed && !outputEnded) {
        changed.await();
      }
      if (closed || outputEnded) {
        throw new CriException(Kind.UNAVAILABLE, "cannot write: the command has ended");
      }
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      input.add(copy);
      inputBytes += copy.length;
      changed.signalAll();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      lock.unlock();
    }
  }

  private CriException interrupted(InterruptedException e) {
    close();
    Thread.currentThread().interrupt();
    return new CriException(Kind.CANCELLED, "cannot go on: the connection was closed", e);
  }

  @Override
  public void closeInput() {
    lock.lock();
    try {
      inputEnded = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private record Piece(Output source, ByteBuffer bytes) {}
}
