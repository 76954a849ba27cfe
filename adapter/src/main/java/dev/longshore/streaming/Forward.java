package dev.longshore.streaming;

import dev.longshore.kernel.NetNamespaceSockets;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.io.Serial;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to a port on a pod's loopback. Stateless, thread-safe. */
final class Forward {
  private static final Logger log = LoggerFactory.getLogger(Forward.class);
  private static final int CHUNK = 64 * 1024;
  private static final InetAddress LOOPBACK_4 = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress LOOPBACK_6 = InetAddress.ofLiteral("::1");

  private final NetNamespaceSockets sockets;
  private final ByteBufAllocator buffers;

  Forward(NetNamespaceSockets sockets, ByteBufAllocator buffers) {
    this.sockets = sockets;
    this.buffers = buffers;
  }

  /**
   * Connects and moves bytes until both sides have ended; each side may end first. What goes wrong
   * is told on the stream for that.
   *
   * @throws IOException when the client is gone
   */
  void run(Target.PortForward target, int port, ClientStream data, ClientStream error)
      throws IOException, InterruptedException {
    try {
      List<String> refusals = new ArrayList<>();
      Optional<SocketChannel> pod = connect(target, port, refusals);
      if (pod.isEmpty()) {
        String why = String.join("; ", refusals);
        tell(error, "cannot connect to port %d in pod %s: %s".formatted(port, target.title(), why));
        return;
      }
      try (SocketChannel socket = pod.get()) {
        exchange(data, error, socket);
      } catch (ReadFailure e) {
        tell(
            error,
            "the connection to port %d in pod %s failed: %s"
                .formatted(port, target.title(), e.getMessage()));
      }
    } finally {
      data.input().discard();
      error.closeOutput();
      data.closeOutput();
    }
  }

  private void tell(ClientStream error, String problem) throws IOException, InterruptedException {
    error.write(ByteBufUtil.writeUtf8(buffers, problem));
  }

  private Optional<SocketChannel> connect(
      Target.PortForward target, int port, List<String> refusals) throws InterruptedException {
    for (InetAddress address : List.of(LOOPBACK_4, LOOPBACK_6)) {
      StandardProtocolFamily family =
          address.equals(LOOPBACK_4) ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
      try {
        return Optional.of(connect(target, family, new InetSocketAddress(address, port)));
      } catch (IOException | UnsupportedOperationException e) {
        String shown = address.equals(LOOPBACK_4) ? "127.0.0.1" : "[::1]";
        refusals.add(shown + ": " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  private SocketChannel connect(
      Target.PortForward target, StandardProtocolFamily family, InetSocketAddress address)
      throws IOException, InterruptedException {
    SocketChannel socket =
        target.hostNetwork() ? SocketChannel.open(family) : sockets.open(target.pid(), family);
    boolean connected = false;
    try {
      socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      connected = socket.connect(address);
      return socket;
    } finally {
      if (!connected) {
        socket.close();
      }
    }
  }

  private void exchange(ClientStream data, ClientStream error, SocketChannel socket)
      throws IOException, InterruptedException {
    Thread upload =
        Thread.ofVirtual().name("port-forward").start(() -> upload(data.input(), socket));
    try {
      download(data, socket);
      // Some clients end their side only once they know that there was no error.
      data.closeOutput();
      error.closeOutput();
      upload.join();
    } finally {
      upload.interrupt();
    }
  }

  private void download(ClientStream client, SocketChannel socket)
      throws IOException, InterruptedException {
    try (Chunk chunk = new Chunk(buffers, CHUNK)) {
      while (read(socket, chunk.room()) >= 0) {
        chunk.sendTo(client);
      }
    }
  }

  private static int read(SocketChannel socket, ByteBuffer into) throws IOException {
    try {
      return socket.read(into);
    } catch (ClosedChannelException e) {
      throw e;
    } catch (IOException e) {
      throw new ReadFailure(e);
    }
  }

  private static void upload(Inbox from, SocketChannel socket) {
    try {
      from.drainTo(
          part -> {
            while (part.hasRemaining()) {
              socket.write(part);
            }
          });
      socket.shutdownOutput();
    } catch (IOException e) {
      // The other direction tells the client, if there is something to tell.
      log.debug("a pod takes no more from a forwarded connection", e);
      from.discard();
    } catch (InterruptedException e) {
      from.discard();
    }
  }

  /** The pod's side broke, not the client's. */
  private static final class ReadFailure extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    ReadFailure(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }
}
