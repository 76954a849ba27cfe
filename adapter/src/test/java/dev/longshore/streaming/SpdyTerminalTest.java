package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.Eventually;
import dev.longshore.docker.EngineStream.Output;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.docker.FakeStream;
import dev.longshore.streaming.Target.Streams;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exec and attach over SPDY, through a real socket, to a Docker that the test plays. */
class SpdyTerminalTest {
  private static final Streams OUTPUT = new Streams(false, true, true, false);
  private static final Streams INPUT = new Streams(true, true, false, false);
  private static final Streams TERMINAL = new Streams(true, true, false, true);
  private static final String V4 = "v4.channel.k8s.io";

  /** More than all buffers on the way hold, those of the kernel included. */
  private static final int MUCH = 48 << 20;

  private static final byte[] BLOCK = new byte[32 * 1024];

  private StreamingRig rig;

  @BeforeEach
  void begin(@TempDir Path proc) {
    rig = new StreamingRig(proc);
  }

  @AfterEach
  void end() {
    rig.close();
  }

  @Test
  void outputAndExitCodeReachTheClient() throws IOException {
    rig.docker.onExec(_ -> ExecAnswer.exits(3, "out\n", "err\n"));
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "make"), V4)) {
      int error = client.open("streamtype", "error");
      int stdout = client.open("streamtype", "stdout");
      int stderr = client.open("streamtype", "stderr");

      assertThat(client.readText(stdout)).isEqualTo("out\n");
      assertThat(client.readText(stderr)).isEqualTo("err\n");
      assertThat(client.readText(error))
          .contains("\"reason\":\"NonZeroExitCode\"")
          .contains("{\"reason\":\"ExitCode\",\"message\":\"3\"}");
    }
    assertThat(rig.docker.calls("createExec")).containsExactly("createExec web");
  }

  @Test
  void successIsAStatusToo() throws IOException {
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "true"), V4)) {
      int error = openOutput(client);

      assertThat(client.readText(error)).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"channel.k8s.io", "v2.channel.k8s.io", "v3.channel.k8s.io"})
  void olderProtocolsSayFailuresInWords(String protocol) throws IOException {
    rig.docker.onExec(_ -> ExecAnswer.exits(3, "", ""));
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "false"), protocol)) {
      int error = openOutput(client);

      assertThat(client.readText(error)).isEqualTo("command terminated with non-zero exit code: 3");
    }
  }

  @Test
  void whatDockerRefusesIsAnInternalError() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    rig.docker.exit("web", 0);
    try (SpdyClient client = SpdyClient.connect(url, V4)) {
      int error = openOutput(client);

      assertThat(client.readText(error))
          .contains("\"reason\":\"InternalError\"")
          .contains("is not running");
    }
  }

  @Test
  void theEndOfTheInputReachesTheCommand() throws IOException {
    rig.docker.onStream(_ -> SpdyTerminalTest::count);
    try (SpdyClient client = SpdyClient.connect(rig.exec(INPUT, "wc"), V4)) {
      int error = client.open("streamtype", "error");
      int stdin = client.open("streamtype", "stdin");
      int stdout = client.open("streamtype", "stdout");
      for (int i = 0; i < 100; i++) {
        client.write(stdin, BLOCK);
      }
      client.end(stdin);

      assertThat(client.readText(stdout)).isEqualTo("3276800");
      assertThat(client.readText(error)).contains("Success");
    }
  }

  @Test
  void aCommandThatDoesNotReadStopsItsClient() throws Exception {
    CountDownLatch mayRead = new CountDownLatch(1);
    AtomicLong written = new AtomicLong();
    rig.docker.onStream(
        _ ->
            io -> {
              mayRead.await();
              return count(io);
            });
    try (SpdyClient client = SpdyClient.connect(rig.exec(INPUT, "wc"), V4)) {
      int error = client.open("streamtype", "error");
      int stdin = client.open("streamtype", "stdin");
      int stdout = client.open("streamtype", "stdout");
      Thread writer = Thread.ofVirtual().start(() -> writeMuch(client, stdin, written));
      awaitStandstill(written);

      assertThat(written.get()).isLessThan(MUCH);
      mayRead.countDown();
      writer.join();
      assertThat(client.readText(stdout)).isEqualTo(Integer.toString(MUCH));
      assertThat(client.readText(error)).contains("Success");
    }
  }

  @Test
  void aClientThatDoesNotReadStopsTheCommand() throws IOException {
    AtomicLong written = new AtomicLong();
    rig.docker.onStream(
        _ ->
            io -> {
              while (written.get() < MUCH) {
                io.print(Output.STDOUT, BLOCK);
                written.addAndGet(BLOCK.length);
              }
              return 0;
            });
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "yes"), V4)) {
      int error = client.open("streamtype", "error");
      int stdout = client.open("streamtype", "stdout");
      int _ = client.open("streamtype", "stderr");
      awaitStandstill(written);

      assertThat(written.get()).isLessThan(MUCH);
      assertThat(client.readAll(stdout)).hasSize(MUCH);
      assertThat(client.readText(error)).contains("Success");
    }
  }

  @Test
  void aClientThatGoesAwayEndsTheConnectionToItsCommand() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    rig.docker.onStream(
        _ ->
            io -> {
              io.print("ready");
              io.awaitClosed();
              gone.countDown();
              return 137;
            });
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "sleep"), V4)) {
      int _ = client.open("streamtype", "error");
      int stdout = client.open("streamtype", "stdout");
      int _ = client.open("streamtype", "stderr");
      assertThat(client.readAtLeast(stdout, 5)).asString().isEqualTo("ready");
    }

    assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anExecEndsWithItsCommandThoughSomethingHoldsItsOutput() throws IOException {
    rig.docker.onStream(
        _ ->
            io -> {
              io.print("started\n");
              rig.docker.endExecs(3);
              io.awaitClosed();
              return 0;
            });
    try (SpdyClient client = SpdyClient.connect(rig.exec(OUTPUT, "daemon"), V4)) {
      int error = client.open("streamtype", "error");
      int stdout = client.open("streamtype", "stdout");
      int _ = client.open("streamtype", "stderr");

      assertThat(client.readText(stdout)).isEqualTo("started\n");
      assertThat(client.readText(error)).contains("\"message\":\"3\"");
    }
  }

  @Test
  void aClientOnWhoseStreamsNothingMovesIsCut(@TempDir Path proc) throws Exception {
    try (StreamingRig impatient = new StreamingRig(proc, Duration.ofMillis(200))) {
      CountDownLatch gone = new CountDownLatch(1);
      impatient.docker.onStream(
          _ ->
              io -> {
                io.awaitClosed();
                gone.countDown();
                return 137;
              });
      try (SpdyClient client = SpdyClient.connect(impatient.exec(OUTPUT, "sleep"), V4)) {
        int _ = openOutput(client);
        client.awaitClosed();
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  @Test
  void sizesReachTheTerminalWhileTheCommandRuns() throws IOException {
    rig.docker.onStream(_ -> SpdyTerminalTest::count);
    try (SpdyClient client = SpdyClient.connect(rig.exec(TERMINAL, "sh"), V4)) {
      int error = client.open("streamtype", "error");
      int stdin = client.open("streamtype", "stdin");
      int _ = client.open("streamtype", "stdout");
      int resize = client.open("streamtype", "resize");
      client.write(resize, utf8("{\"Width\":80,\"Height\":24}{\"Width\":1"));
      client.write(resize, utf8("32,\"Height\":50}{\"Width\":0,\"Height\":0}"));
      Eventually.until("two sizes", () -> rig.docker.calls("resizeExec").size() == 2);
      client.end(stdin);

      assertThat(client.readText(error)).contains("Success");
    }
    assertThat(rig.docker.calls("resizeExec"))
        .satisfiesExactly(
            first -> assertThat(first).endsWith(" 80x24"),
            second -> assertThat(second).endsWith(" 132x50"));
  }

  @Test
  void attachingMeetsTheContainersFirstProcessAndLeavesItRunning() throws IOException {
    AtomicBoolean detached = new AtomicBoolean();
    rig.docker.onAttach(
        io -> {
          io.print("hello");
          io.awaitClosed();
          detached.set(true);
          return 0;
        });
    try (SpdyClient client = SpdyClient.connect(rig.attach(INPUT, false), V4)) {
      int _ = client.open("streamtype", "error");
      int _ = client.open("streamtype", "stdin");
      int stdout = client.open("streamtype", "stdout");
      assertThat(client.readAtLeast(stdout, 5)).asString().isEqualTo("hello");
    }
    Eventually.until("detached", detached::get);

    assertThat(rig.docker.calls()).noneMatch(call -> call.startsWith("kill"));
  }

  @Test
  void aUrlIsGoodOnceAndOnlyForWhatItWasMadeFor() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    SpdyClient.connect(url, V4).close();

    assertThatThrownBy(() -> SpdyClient.connect(url, V4)).hasMessageContaining(" 404 ");
    String other = rig.exec(OUTPUT, "true").replace("/exec/", "/attach/");
    assertThatThrownBy(() -> SpdyClient.connect(other, V4)).hasMessageContaining(" 404 ");
  }

  @Test
  void aClientWithoutAProtocolInCommonIsToldWhichThereAre() throws IOException {
    String url = rig.exec(OUTPUT, "true");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(SpdyClient.ask(socket, url, "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v9"))
          .contains(" 403 ")
          .containsIgnoringCase("X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io")
          .containsIgnoringCase("X-Accepted-Stream-Protocol-Versions: channel.k8s.io");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upgrade: SPDY/3.1", "Upgrade: h2c", "Accept: */*"})
  void aRequestThatDoesNotSayWhatItWantsIsBad(String header) throws IOException {
    String url = rig.exec(OUTPUT, "true");
    try (Socket socket = SpdyClient.socket(url)) {
      assertThat(SpdyClient.ask(socket, url, header)).contains(" 400 ");
    }
  }

  private static int openOutput(SpdyClient client) throws IOException {
    int error = client.open("streamtype", "error");
    int _ = client.open("streamtype", "stdout");
    int _ = client.open("streamtype", "stderr");
    return error;
  }

  /** Prints how many bytes it was given. */
  private static int count(FakeStream io) throws InterruptedException {
    long bytes = 0;
    Optional<byte[]> next = io.readInput();
    while (next.isPresent()) {
      bytes += next.get().length;
      next = io.readInput();
    }
    io.print(Long.toString(bytes));
    return 0;
  }

  private static void writeMuch(SpdyClient client, int stream, AtomicLong written) {
    try {
      while (written.get() < MUCH) {
        client.write(stream, BLOCK);
        written.addAndGet(BLOCK.length);
      }
      client.end(stream);
    } catch (IOException e) {
      // The test sees that too little arrived.
    }
  }

  /** Until nothing has moved for a while: every buffer is full. */
  private static void awaitStandstill(AtomicLong counter) {
    AtomicLong last = new AtomicLong(-1);
    AtomicLong since = new AtomicLong(System.nanoTime());
    Eventually.until(
        "a standstill",
        () -> {
          long now = counter.get();
          if (now != last.getAndSet(now) || now == 0) {
            since.set(System.nanoTime());
          }
          return System.nanoTime() - since.get() > TimeUnit.MILLISECONDS.toNanos(300);
        });
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
