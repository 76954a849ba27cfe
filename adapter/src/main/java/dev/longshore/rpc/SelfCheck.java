package dev.longshore.rpc;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether the server still serves: greets it on its own socket as a gRPC client does, from a
 * virtual thread, and waits for its greeting. So the socket, the event loop and the threads that
 * run calls have all moved. Docker is not asked: without it Longshore serves on.
 */
public final class SelfCheck {
  // RFC 9113 §3.4: the client's preface, with an empty SETTINGS frame.
  private static final byte[] GREETING =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final int FRAME_HEADER = 9;
  private static final int TYPE = 3;
  private static final int SETTINGS = 4;

  private final Path socket;
  private final Duration patience;

  public SelfCheck(Path socket, Duration patience) {
    this.socket = socket;
    this.patience = patience;
  }

  /**
   * Returns when the server has answered.
   *
   * @throws IOException when it has not, with the reason
   */
  public void run() throws IOException, InterruptedException {
    var answered = new CompletableFuture<Boolean>();
    Thread asking =
        Thread.ofVirtual()
            .name("self-check")
            .start(
                () -> {
                  try {
                    answered.complete(greet());
                  } catch (IOException e) {
                    answered.completeExceptionally(e);
                  }
                });
    try {
      if (!answered.get(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("what answers at %s does not speak HTTP/2".formatted(socket));
      }
    } catch (TimeoutException e) {
      throw new IOException(
          "no answer at %s within %d s".formatted(socket, patience.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new IOException("cannot ask at %s: %s".formatted(socket, e.getCause()), e);
    } finally {
      asking.interrupt();
    }
  }

  private boolean greet() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(GREETING));
      ByteBuffer header = ByteBuffer.allocate(FRAME_HEADER);
      while (header.hasRemaining()) {
        if (channel.read(header) < 0) {
          throw new EOFException("the connection was closed");
        }
      }
      return header.get(TYPE) == SETTINGS;
    }
  }
}
