package dev.longshore.streaming;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.streaming.Target.Streams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    try (WebSocketClient client = WebSocketClient.connect(rig.exec(OUTPUT, "make"), protocols)) {
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
    try (WebSocketClient client =
        WebSocketClient.connect(rig.exec(OUTPUT, "make"), "v4.base64.channel.k8s.io")) {
      assertThat(client.next()).isEqualTo("text 1");
      assertThat(client.next()).isEqualTo("text 1" + base64("out"));
      assertThat(client.next())
          .isEqualTo("text 3" + base64("{\"metadata\":{},\"status\":\"Success\"}"));
    }
  }

  @Test
  void versionFiveCanEndTheInput() throws IOException {
    try (WebSocketClient client =
        WebSocketClient.connect(rig.exec(INPUT, "cat"), "v5.channel.k8s.io")) {
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
      assertThat(WebSocketClient.shakeHands(socket, url, "v9.channel.k8s.io")).contains(" 403 ");
    }
  }

  @Test
  void aHandshakeWithoutItsHeadersIsRefused() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(SpdyClient.ask(socket, url, "Upgrade: websocket")).contains(" 400 ");
    }
  }

  @Test
  void portForwardHasTwoChannelsForEachPort() throws IOException {
    int refused = PortForwardTest.freePort();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        WebSocketClient client =
            WebSocketClient.connect(
                rig.portForward(server.getLocalPort(), refused), "v4.channel.k8s.io");
        Socket pod = server.accept()) {
      client.send(new byte[] {0, 'h', 'i'});
      assertThat(pod.getInputStream().readNBytes(2)).asString().isEqualTo("hi");
      pod.getOutputStream().write("ho".getBytes(StandardCharsets.UTF_8));
      pod.shutdownOutput();

      List<String> told = client.untilClosed();

      assertThat(told).contains("0:ho").endsWith("closed 1000");
      assertThat(told).anyMatch(text -> text.startsWith("3:cannot connect to port " + refused));
      assertThat(told.stream().filter(text -> text.length() == 4 && !text.equals("0:ho")))
          .as("each channel begins with its port")
          .containsExactlyInAnyOrder(
              named(0, server.getLocalPort()),
              named(1, server.getLocalPort()),
              named(2, refused),
              named(3, refused));
    }
  }

  @Test
  void portForwardTakesItsPortsFromTheUrlWhenTheRequestNamedNone() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
        WebSocketClient client =
            WebSocketClient.connect(
                rig.portForward() + "?port=" + server.getLocalPort(), "v4.base64.channel.k8s.io");
        Socket pod = server.accept()) {
      pod.getOutputStream().write("ho".getBytes(StandardCharsets.UTF_8));
      pod.shutdownOutput();

      assertThat(client.untilClosed()).contains("text 0" + base64("ho")).endsWith("closed 1000");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?port=", "?port=0", "?port=80&port=http"})
  void portForwardWithoutPortsIsRefused(String query) throws IOException {
    String url = rig.portForward() + query;
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(WebSocketClient.shakeHands(socket, url, "v4.channel.k8s.io")).contains(" 400 ");
    }
  }

  /** As the client tells it: bytes above 127 are no text, so they are shown as the decoder does. */
  private static String named(int channel, int port) {
    return channel + ":" + new String(new byte[] {(byte) port, (byte) (port >> 8)}, ISO_8859_1);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
