package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.EngineStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request that becomes a plain connection in both directions ({@code Upgrade: tcp}), which
 * docker-java's transport cannot do with half-closing. Without a terminal output comes in frames,
 * as in {@link OutputFrames}.
 */
final class HijackedStream implements EngineStream {
  private static final int HEADER = 8;
  private static final int STDERR = 2;

  private final DockerHost host;
  private final String what;
  private final ByteBuffer header = ByteBuffer.allocate(HEADER);
  private boolean framed;
  private long left;
  private Output source = Output.STDOUT;
  private ByteBuffer early = ByteBuffer.allocate(0);
  private volatile @Nullable SocketChannel channel;
  private volatile boolean closed;

  /** {@code what} completes the sentence "cannot …". */
  HijackedStream(DockerHost host, String what, boolean tty) {
    this.host = host;
    this.what = what;
    this.framed = !tty;
  }

  /** Connects and asks; throws {@link StatusException} when Docker refuses. */
  void open(String path, JsonNode body) throws IOException {
    SocketChannel made = SocketChannel.open(address());
    channel = made;
    if (closed) {
      made.close();
    }
    byte[] json = Wire.JSON.writeValueAsBytes(body);
    String head = String.join("\r\n", head(path, json.length));
    ByteBuffer request = ByteBuffer.allocate(head.length() + json.length);
    request.put(head.getBytes(StandardCharsets.US_ASCII)).put(json).flip();
    while (request.hasRemaining()) {
      made.write(request);
    }
    early = UpgradeAnswer.read(made);
  }

  private static List<String> head(String path, int length) {
    return List.of(
        "POST " + path + " HTTP/1.1",
        "Host: docker",
        "Content-Type: application/json",
        "Content-Length: " + length,
        "Connection: Upgrade",
        "Upgrade: tcp",
        "",
        "");
  }

  private SocketAddress address() {
    return host.socket()
        .<SocketAddress>map(UnixDomainSocketAddress::of)
        .orElseGet(() -> new InetSocketAddress(host.uri().getHost(), host.uri().getPort()));
  }

  @Override
  public Output read(ByteBuffer into) {
    try {
      while (framed && left == 0) {
        if (!readHeader()) {
          return Output.END;
        }
      }
      if (!framed) {
        return some(into) < 0 ? Output.END : Output.STDOUT;
      }
      return frame(into);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** False at the end of the stream. Docker writes a failed start without a frame. */
  private boolean readHeader() throws IOException {
    header.clear();
    while (header.hasRemaining()) {
      if (some(header) < 0) {
        break;
      }
    }
    header.flip();
    if (!header.hasRemaining()) {
      return false;
    }
    if (!isFrame()) {
      framed = false;
      early = ByteBuffer.allocate(header.remaining() + early.remaining()).put(header).put(early);
      early.flip();
      return true;
    }
    source = header.get(0) == STDERR ? Output.STDERR : Output.STDOUT;
    left = Integer.toUnsignedLong(header.getInt(4));
    return true;
  }

  private boolean isFrame() {
    return header.limit() == HEADER
        && header.get(0) >= 0
        && header.get(0) <= STDERR
        && header.get(1) == 0
        && header.get(2) == 0
        && header.get(3) == 0;
  }

  private Output frame(ByteBuffer into) throws IOException {
    int limit = into.limit();
    into.limit((int) Math.min(limit, into.position() + left));
    int read = some(into);
    into.limit(limit);
    if (read < 0) {
      throw new EOFException("the output ended within a frame, " + left + " bytes short");
    }
    left -= read;
    return source;
  }

  private int some(ByteBuffer into) throws IOException {
    if (!early.hasRemaining()) {
      return channel().read(into);
    }
    int n = Math.min(early.remaining(), into.remaining());
    into.put(early.slice(early.position(), n));
    early.position(early.position() + n);
    return n;
  }

  @Override
  public void write(ByteBuffer input) {
    try {
      while (input.hasRemaining()) {
        channel().write(input);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  @Override
  public void closeInput() {
    try {
      channel().shutdownOutput();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private SocketChannel channel() throws IOException {
    SocketChannel open = channel;
    if (open == null) {
      throw new ClosedChannelException();
    }
    return open;
  }

  private CriException failure(IOException e) {
    if (closed || e instanceof ClosedChannelException) {
      return new CriException(Kind.CANCELLED, "cannot " + what + ": the connection was closed", e);
    }
    return Failures.translate(host, what, e);
  }

  @Override
  public void close() {
    closed = true;
    SocketChannel open = channel;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // Nothing is left to be done with it.
      }
    }
  }
}
