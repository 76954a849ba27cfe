package dev.longshore.streaming;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.streaming.Target.Streams;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak nonsense are cut, or ignored, and nobody else notices. */
class HostileClientTest {
  private static final Streams OUTPUT = new Streams(false, true, true, false);
  private static final String V4 = "v4.channel.k8s.io";

  private StreamingRig rig;

  @BeforeEach
  void begin(@TempDir Path proc) {
    rig = new StreamingRig(proc);
    rig.docker.onExec(_ -> ExecAnswer.exits(0, "fine", ""));
  }

  @AfterEach
  void othersAreServedStill() throws IOException {
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      int _ = client.open("streamtype", "error");
      int stdout = client.open("streamtype", "stdout");
      int _ = client.open("streamtype", "stderr");
      assertThat(client.readText(stdout)).isEqualTo("fine");
    } finally {
      rig.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomBytesInPlaceOfFrames(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] noise = new byte[100_000];
    random.nextBytes(noise);
    // As a control frame, so that it is not taken for the data of a stream that is not open.
    noise[0] = (byte) 0x80;
    noise[5] = (byte) 0x7f;
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      client.sendRaw(noise);
      client.awaitClosed();
    } catch (SocketException e) {
      // Cut while it was still sending.
    }
  }

  @Test
  void headersThatInflateWithoutEnd() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (DeflaterOutputStream out =
        new DeflaterOutputStream(bomb, new Deflater(Deflater.BEST_COMPRESSION))) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 64; i++) {
        out.write(zeros);
      }
    }
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      client.sendRaw(controlFrame(1, bomb.size() + 10));
      client.sendRaw(new byte[] {0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
      client.sendRaw(bomb.toByteArray());
      client.awaitClosed();
    } catch (SocketException e) {
      // Cut while it was still sending.
    }
  }

  @Test
  void aControlFrameThatIsTooLong() throws IOException {
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      client.sendRaw(controlFrame(1, 0xffffff));
      client.awaitClosed();
    }
  }

  @Test
  void streamNumbersThatGoBack() throws IOException {
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      int _ = client.open("streamtype", "error");
      client.sendRaw(controlFrame(1, 10));
      client.sendRaw(new byte[] {0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
      client.awaitClosed();
    }
  }

  @Test
  void strangersAmongTheStreams() throws IOException {
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      client.awaitReset(client.open("streamtype", "stdin"));
      client.awaitReset(client.open("nonsense", "error"));
      client.send(new DefaultSpdyDataFrame(99));
      client.send(new DefaultSpdyPingFrame(7));
      int error = client.open("streamtype", "error");
      client.awaitReset(client.open("streamtype", "error"));
      int _ = client.open("streamtype", "stdout");
      int _ = client.open("streamtype", "stderr");
      assertThat(client.readText(error)).contains("Success");
    }
  }

  @Test
  void aRequestWithGiantHeaders() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(SpdyClient.ask(socket, url, "X-Large: " + "x".repeat(100_000)))
          .containsAnyOf(" 400 ", " 431 ");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GARBAGE\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /exec/../../etc/passwd HTTP/1.1\r\n\r\n",
        "DELETE /exec/abc HTTP/1.1\r\n\r\n",
        "GET /exec/abc HTTP/1.1\r\n\r\n",
        "\u0000\u0001\u0002\r\n\r\n"
      })
  void requestsThatAreNone(String request) throws IOException {
    try (Socket socket = new Socket(rig.address().getAddress(), rig.address().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 4");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomBytesInPlaceOfMessages(long seed) throws IOException {
    byte[] noise = new byte[100_000];
    new Random(seed).nextBytes(noise);
    // A reserved opcode, without the mask that clients must use.
    noise[0] = (byte) 0xf3;
    String url = rig.exec(OUTPUT, "cat");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(WebSocketClient.shakeHands(socket, url, V4)).contains(" 101 ");
      socket.getOutputStream().write(noise);
      awaitClosed(socket);
    } catch (SocketException e) {
      // Cut while it was still sending.
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // A message of 8 EiB, one of 2 MiB, a ping that is too long, a continuation of nothing.
        "82ff7fffffffffffffff00000000",
        "82ff000000000020000000000000",
        "89fe010000000000",
        "808100000000ff",
      })
  void messagesThatNoClientMaySend(String hex) throws IOException {
    String url = rig.exec(OUTPUT, "cat");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(WebSocketClient.shakeHands(socket, url, V4)).contains(" 101 ");
      socket.getOutputStream().write(HexFormat.of().parseHex(hex));
      awaitClosed(socket);
    } catch (SocketException e) {
      // Cut while it was still sending.
    }
  }

  @Test
  void channelsThatNobodyKnowsAreIgnored() throws IOException {
    try (WebSocketClient client =
        WebSocketClient.connect(
            rig.exec(new Streams(true, true, false, false), "cat"), "v5.channel.k8s.io")) {
      client.send(new byte[] {});
      client.send(new byte[] {77, 1, 2, 3});
      client.send(new byte[] {(byte) 255});
      client.send(new byte[] {(byte) 255, 77});
      client.send(new byte[] {0, 'h', 'i'});
      client.send(new byte[] {(byte) 255, 0});
      assertThat(client.untilClosed()).contains("1:hi");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET /exec/", "GET /exec/abc HTTP/1.1\r\nHost: x\r\n"})
  void aRequestThatNeverEndsIsCutInTime(String begun) {
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.freezeTime();
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(),
            new HttpObjectAggregator(1024),
            new Front(
                new Tokens(Tokens.LIFE),
                rig.upgrades(),
                new StreamFigures(() -> 0),
                Duration.ofSeconds(10)));
    for (int second = 0; second < 10; second++) {
      assertThat(channel.isOpen()).as("after %d s", second).isTrue();
      channel.writeInbound(Unpooled.copiedBuffer(second == 0 ? begun : "", US_ASCII));
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
    assertThat(channel.isOpen()).isFalse();
  }

  private static void awaitClosed(Socket socket) throws IOException {
    byte[] buffer = new byte[8192];
    while (socket.getInputStream().read(buffer) >= 0) {
      // What the server said before does not matter.
    }
  }

  private static byte[] controlFrame(int type, int length) {
    return ByteBuffer.allocate(8)
        .putShort((short) 0x8003)
        .putShort((short) type)
        .putInt(length)
        .array();
  }
}
