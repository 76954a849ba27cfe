package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.net.SocketFactory;

/**
 * A blocking SPDY client for one exec, attach or port-forward. For one thread, writes for one more.
 */
public final class SpdyClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final EmbeddedChannel decoder = new EmbeddedChannel(codec());
  private final EmbeddedChannel encoder = new EmbeddedChannel(codec());
  private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
  private final Set<Integer> ended = new HashSet<>();
  private final Set<Integer> reset = new HashSet<>();
  private int lastId = -1;

  private SpdyClient(Socket socket) {
    this.socket = socket;
  }

  /** Upgrades, or fails with the answer's head. */
  public static SpdyClient connect(String url, String protocol) throws IOException {
    return upgrade(socket(url), url, protocol);
  }

  /** As the other, by TLS. */
  static SpdyClient connect(String url, String protocol, SocketFactory sockets) throws IOException {
    URI uri = URI.create(url);
    Socket socket = sockets.createSocket(uri.getHost(), uri.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return upgrade(socket, url, protocol);
  }

  private static SpdyClient upgrade(Socket socket, String url, String protocol) throws IOException {
    String answer = ask(socket, url, "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: " + protocol);
    if (!answer.startsWith("HTTP/1.1 101 ") || !answer.contains(protocol)) {
      throw new IOException(answer);
    }
    return new SpdyClient(socket);
  }

  static Socket socket(String url) throws IOException {
    URI uri = URI.create(url);
    Socket socket = new Socket(InetAddress.ofLiteral(uri.getHost()), uri.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  /** Sends a request to upgrade, with those header lines, and returns the head of the answer. */
  static String ask(Socket socket, String url, String... headers) throws IOException {
    String method = headers[0].endsWith("websocket") ? "GET" : "POST";
    String request =
        "%s %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n%s\r\n\r\n"
            .formatted(method, url.substring(url.indexOf('/', 8)), String.join("\r\n", headers));
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed after: " + head);
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private static SpdyFrameCodec codec() {
    return new SpdyFrameCodec(SpdyVersion.SPDY_3_1, 64 * 1024, 16 * 1024, 1, 12, 4);
  }

  /** The two streams of one forwarded connection. */
  public record Pair(int data, int error) {}

  /** Opens a forwarded connection as kubectl does, with nothing to say on the error stream. */
  public Pair openPair(int port, String id) throws IOException {
    String text = Integer.toString(port);
    int error = open("streamtype", "error", "port", text, "requestid", id);
    end(error);
    return new Pair(open("streamtype", "data", "port", text, "requestid", id), error);
  }

  /** Opens a stream with those headers, names and values in turn. */
  public int open(String... headers) throws IOException {
    lastId += 2;
    DefaultSpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(lastId, 0, (byte) 0);
    for (int i = 0; i < headers.length; i += 2) {
      frame.headers().set(headers[i], headers[i + 1]);
    }
    send(frame);
    received.put(lastId, new ByteArrayOutputStream());
    return lastId;
  }

  public void write(int stream, byte[] bytes) throws IOException {
    send(new DefaultSpdyDataFrame(stream, Unpooled.wrappedBuffer(bytes)));
  }

  public void end(int stream) throws IOException {
    send(new DefaultSpdyDataFrame(stream).setLast(true));
  }

  synchronized void send(SpdyFrame frame) throws IOException {
    encoder.writeOutbound(frame);
    ByteBuf bytes = encoder.readOutbound();
    try {
      sendRaw(ByteBufUtil.getBytes(bytes));
    } finally {
      bytes.release();
    }
  }

  void sendRaw(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** All that came on the stream, until the server ends it. */
  public byte[] readAll(int stream) throws IOException {
    while (!ended.contains(stream)) {
      if (reset.contains(stream)) {
        throw new IOException("stream " + stream + " was reset");
      }
      readSome();
    }
    return bytes(stream);
  }

  public String readText(int stream) throws IOException {
    return new String(readAll(stream), StandardCharsets.UTF_8);
  }

  /** The first bytes of the stream, at least that many. */
  public byte[] readAtLeast(int stream, int count) throws IOException {
    while (bytes(stream).length < count) {
      readSome();
    }
    return bytes(stream);
  }

  /** Waits until the server refuses or gives up the stream. */
  void awaitReset(int stream) throws IOException {
    while (!reset.contains(stream)) {
      readSome();
    }
  }

  /** Waits until the server has closed the connection. */
  public void awaitClosed() throws IOException {
    byte[] buffer = new byte[8192];
    try {
      while (socket.getInputStream().read(buffer) >= 0) {
        // What it sent before does not matter.
      }
    } catch (SocketException e) {
      // Closed with a reset.
    }
  }

  private byte[] bytes(int stream) {
    ByteArrayOutputStream all = received.get(stream);
    return all == null ? new byte[0] : all.toByteArray();
  }

  private void readSome() throws IOException {
    byte[] buffer = new byte[64 * 1024];
    int read = socket.getInputStream().read(buffer);
    if (read < 0) {
      throw new IOException("the server closed the connection");
    }
    decoder.writeInbound(Unpooled.wrappedBuffer(buffer, 0, read));
    Object frame = decoder.readInbound();
    while (frame != null) {
      note((SpdyFrame) frame);
      frame = decoder.readInbound();
    }
  }

  private void note(SpdyFrame frame) throws IOException {
    switch (frame) {
      case SpdyDataFrame data -> {
        ByteArrayOutputStream to = received.get(data.streamId());
        if (to != null) {
          data.content().readBytes(to, data.content().readableBytes());
        }
        if (data.isLast()) {
          ended.add(data.streamId());
        }
        data.release();
      }
      case SpdyRstStreamFrame end -> reset.add(end.streamId());
      default -> {}
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    boolean _ = decoder.finishAndReleaseAll();
    boolean _ = encoder.finishAndReleaseAll();
  }
}
