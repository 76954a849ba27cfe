package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.streaming.Target.Streams;
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
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exec over WebSocket, through a real socket, to a Docker that the test plays. */
class WebSocketTest {
  private static final Streams OUTPUT = new Streams(false, true, true, false);
  private static final Streams INPUT = new Streams(true, true, false, false);

  private StreamingRig rig;

  @BeforeEach
  void begin(@TempDir Path proc) {
    rig = new StreamingRig(proc);
  }

  @AfterEach
  void end() {
    rig.close();
  }

  @ParameterizedTest
  @CsvSource({"v4.channel.k8s.io", "v5.channel.k8s.io", "'v4.channel.k8s.io, v5.channel.k8s.io'"})
  void outputAndExitCodeReachTheClient(String protocols) throws IOException {
    rig.docker.onExec(_ -> ExecAnswer.exits(3, "out", "err"));
    try (Client client = Client.connect(rig.exec(OUTPUT, "make"), protocols)) {
      assertThat(client.next()).isEqualTo("1:");
      assertThat(client.next()).isEqualTo("1:out");
      assertThat(client.next()).isEqualTo("2:err");
      assertThat(client.next()).startsWith("3:").contains("\"message\":\"3\"");
      assertThat(client.next()).isEqualTo("closed 1000");
    }
  }

  @Test
  void base64IsForTextMessages() throws IOException {
    rig.docker.onExec(_ -> ExecAnswer.exits(0, "out", ""));
    try (Client client = Client.connect(rig.exec(OUTPUT, "make"), "v4.base64.channel.k8s.io")) {
      assertThat(client.next()).isEqualTo("text 1");
      assertThat(client.next()).isEqualTo("text 1" + base64("out"));
      assertThat(client.next())
          .isEqualTo("text 3" + base64("{\"metadata\":{},\"status\":\"Success\"}"));
    }
  }

  @Test
  void versionFiveCanEndTheInput() throws IOException {
    try (Client client = Client.connect(rig.exec(INPUT, "cat"), "v5.channel.k8s.io")) {
      assertThat(client.next()).isEqualTo("1:");
      client.send(new byte[] {0, 'h', 'i'});
      assertThat(client.next()).isEqualTo("1:hi");
      client.send(new byte[] {(byte) 255, 0});
      assertThat(client.next()).startsWith("3:").contains("Success");
    }
  }

  @Test
  void aProtocolThatNobodyKnowsIsRefused() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(Client.shakeHands(socket, url, "v9.channel.k8s.io")).contains(" 403 ");
    }
  }

  @Test
  void aHandshakeWithoutItsHeadersIsRefused() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(SpdyClient.ask(socket, url, "Upgrade: websocket")).contains(" 400 ");
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A blocking client that tells messages as texts. */
  private static final class Client implements AutoCloseable {
    private final Socket socket;
    private final EmbeddedChannel decoder =
        new EmbeddedChannel(new WebSocket13FrameDecoder(false, false, 1 << 20));
    private final EmbeddedChannel encoder = new EmbeddedChannel(new WebSocket13FrameEncoder(true));

    private Client(Socket socket) {
      this.socket = socket;
    }

    static Client connect(String url, String protocols) throws IOException {
      Socket socket = SpdyClient.socket(url);
      String answer = shakeHands(socket, url, protocols);
      if (!answer.startsWith("HTTP/1.1 101 ")) {
        throw new IOException(answer);
      }
      return new Client(socket);
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

    void send(byte[] message) throws IOException {
      encoder.writeOutbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
      for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
        socket.getOutputStream().write(ByteBufUtil.getBytes(bytes));
        bytes.release();
      }
    }

    String next() throws IOException {
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
                    + data.content().toString(StandardCharsets.UTF_8);
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
}
