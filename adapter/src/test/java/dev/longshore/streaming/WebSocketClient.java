package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A blocking client that tells messages as texts. */
public final class WebSocketClient implements AutoCloseable {
  private final Socket socket;
  private final EmbeddedChannel decoder =
      new EmbeddedChannel(new WebSocket13FrameDecoder(false, false, 1 << 20));
  private final EmbeddedChannel encoder = new EmbeddedChannel(new WebSocket13FrameEncoder(true));

  private WebSocketClient(Socket socket) {
    this.socket = socket;
  }

  public static WebSocketClient connect(String url, String protocols) throws IOException {
    Socket socket = SpdyClient.socket(url);
    String answer = shakeHands(socket, url, protocols);
    if (!answer.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(answer);
    }
    return new WebSocketClient(socket);
  }

  static String shakeHands(Socket socket, String url, String protocols) throws IOException {
    return SpdyClient.ask(
        socket,
        url,
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: " + protocols);
  }

  public void send(byte[] message) throws IOException {
    encoder.writeOutbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
    for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
      socket.getOutputStream().write(ByteBufUtil.getBytes(bytes));
      bytes.release();
    }
  }

  /** All messages to come, until the server ends the connection. */
  public List<String> untilClosed() throws IOException {
    List<String> told = new ArrayList<>();
    do {
      told.add(next());
    } while (!told.getLast().startsWith("closed "));
    return told;
  }

  public String next() throws IOException {
    WebSocketFrame frame = decoder.readInbound();
    byte[] buffer = new byte[8192];
    while (frame == null) {
      int read = socket.getInputStream().read(buffer);
      if (read < 0) {
        throw new IOException("the server closed the connection");
      }
      decoder.writeInbound(Unpooled.copiedBuffer(buffer, 0, read));
      frame = decoder.readInbound();
    }
    String told =
        switch (frame) {
          case BinaryWebSocketFrame data ->
              data.content().readUnsignedByte()
                  + ":"
                  + data.content().toString(StandardCharsets.ISO_8859_1);
          case TextWebSocketFrame data -> "text " + data.text();
          case CloseWebSocketFrame close -> "closed " + close.statusCode();
          default -> frame.toString();
        };
    frame.release();
    return told;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    boolean _ = decoder.finishAndReleaseAll();
    boolean _ = encoder.finishAndReleaseAll();
  }
}
