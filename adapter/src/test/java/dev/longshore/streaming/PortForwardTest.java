package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Port-forward over SPDY to servers on this machine's loopback. */
class PortForwardTest {
  private static final String PROTOCOL = "portforward.k8s.io";

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
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void bytesGoBothWaysAndEachSideMayEndFirst(String address) throws IOException {
    try (ServerSocket server = answering(address);
        SpdyClient client = SpdyClient.connect(rig.portForward(), PROTOCOL)) {
      SpdyClient.Pair pair = client.openPair(server.getLocalPort(), "1");
      byte[] sent = new byte[1 << 20];
      new Random(1).nextBytes(sent);
      client.write(pair.data(), sent);
      client.end(pair.data());

      // The server answers only when it has seen the end.
      assertThat(client.readAll(pair.data())).isEqualTo(sent);
      assertThat(client.readText(pair.error())).isEmpty();
    }
  }

  @Test
  void manyConnectionsShareOneClient() throws IOException {
    try (ServerSocket server = answering("127.0.0.1");
        SpdyClient client = SpdyClient.connect(rig.portForward(), PROTOCOL)) {
      List<SpdyClient.Pair> pairs = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        pairs.add(client.openPair(server.getLocalPort(), Integer.toString(i)));
      }
      for (SpdyClient.Pair pair : pairs) {
        client.write(pair.data(), ("hello " + pair.data()).getBytes(StandardCharsets.UTF_8));
        client.end(pair.data());
      }
      for (SpdyClient.Pair pair : pairs) {
        assertThat(client.readText(pair.data())).isEqualTo("hello " + pair.data());
      }
    }
  }

  @Test
  void aRefusedPortIsAnErrorOfItsStreamAndTheOthersLive() throws IOException {
    try (ServerSocket server = answering("127.0.0.1");
        SpdyClient client = SpdyClient.connect(rig.portForward(), PROTOCOL)) {
      SpdyClient.Pair refused = client.openPair(freePort(), "1");
      SpdyClient.Pair other = client.openPair(server.getLocalPort(), "2");

      assertThat(client.readText(refused.error()))
          .startsWith("cannot connect to port ")
          .contains("127.0.0.1: Connection refused");
      client.end(other.data());
      assertThat(client.readText(other.data())).isEmpty();
      assertThat(client.readText(other.error())).isEmpty();
    }
  }

  @Test
  void streamsThatMakeNoPairAreRefused() throws IOException {
    try (SpdyClient client = SpdyClient.connect(rig.portForward(), PROTOCOL)) {
      client.awaitReset(client.open("streamtype", "data", "port", "0", "requestid", "1"));
      client.awaitReset(client.open("streamtype", "stdin", "port", "80", "requestid", "2"));
    }
  }

  @Test
  void execsProtocolsAreNotPortForwards() {
    assertThatThrownBy(() -> SpdyClient.connect(rig.portForward(), "v4.channel.k8s.io"))
        .hasMessageContaining(" 403 ");
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** Sends back what it was sent, once that has ended. */
  private static ServerSocket answering(String address) throws IOException {
    ServerSocket server = new ServerSocket(0, 100, InetAddress.ofLiteral(address));
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                accept(server);
              }
            });
    return server;
  }

  private static void accept(ServerSocket server) {
    try {
      Socket socket = server.accept();
      Thread.ofVirtual().start(() -> answer(socket));
    } catch (IOException e) {
      // The test has ended.
    }
  }

  private static void answer(Socket socket) {
    try (socket;
        InputStream in = socket.getInputStream()) {
      socket.getOutputStream().write(in.readAllBytes());
    } catch (IOException e) {
      // The test sees that too little arrived.
    }
  }
}
