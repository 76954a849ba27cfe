package dev.longshore.metrics.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.Eventually;
import dev.longshore.metrics.Family;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private static final int LONG = 3_000_000;
  private static final Family PETS = Family.gauge("app_pets", "pets", "Pets", "kind");

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final HttpClient client = HttpClient.newHttpClient();
  private final CountDownLatch open = new CountDownLatch(1);
  private final AtomicInteger waiting = new AtomicInteger();
  private final MetricsServer server = MetricsServer.start(anyPort(), loop, pages());

  private Map<String, Page> pages() {
    return Map.of(
        "/metrics",
        MetricsPage.negotiated(
            out -> {
              out.family(PETS);
              out.sample(PETS, List.of("cat"), 2);
            }),
        "/plain",
        MetricsPage.plain(out -> out.family(PETS)),
        "/well",
        new HealthPage(Map.of("docker", Optional::empty)),
        "/ill",
        new HealthPage(Map.of("docker", () -> Optional.of("DockerUnreachable: no socket"))),
        "/long",
        _ -> new Page.Answer(200, "text/plain", out -> out.write(new byte[LONG])),
        "/broken",
        _ -> {
          throw new IllegalStateException("a bug");
        },
        "/breaks",
        _ ->
            new Page.Answer(
                200,
                "text/plain",
                out -> {
                  out.write(new byte[LONG]);
                  throw new IllegalStateException("a bug");
                }),
        "/slow",
        _ -> {
          waiting.incrementAndGet();
          open.await();
          return Page.Answer.text(200, "at last");
        });
  }

  @AfterEach
  void stop() {
    open.countDown();
    client.close();
    server.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void metricsAreServedInTheFormatThatTheClientKnows() throws Exception {
    HttpResponse<String> text = get("/metrics?x=y", "text/plain");
    assertThat(text.statusCode()).isEqualTo(200);
    assertThat(text.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(text.body())
        .isEqualTo(
            """
            # HELP app_pets Pets
            # TYPE app_pets gauge
            app_pets{kind="cat"} 2
            """);

    HttpResponse<String> open =
        get("/metrics", "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5");
    assertThat(open.headers().firstValue("content-type"))
        .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(open.body()).contains("# UNIT app_pets pets\n").endsWith("# EOF\n");
  }

  @Test
  void aPlainPageIsNeverOpenMetrics() throws Exception {
    assertThat(get("/plain", "application/openmetrics-text").body()).doesNotContain("# EOF");
  }

  @Test
  void healthIsToldByStatusAndByLine() throws Exception {
    HttpResponse<String> well = get("/well", "");
    assertThat(well.statusCode()).isEqualTo(200);
    assertThat(well.body()).isEqualTo("[+]docker ok\nok\n");
    HttpResponse<String> ill = get("/ill", "");
    assertThat(ill.statusCode()).isEqualTo(503);
    assertThat(ill.body()).isEqualTo("[-]docker failed: DockerUnreachable: no socket\nfailed\n");
  }

  @Test
  void aLongPageArrivesWhole() throws Exception {
    assertThat(get("/long", "").body()).hasSize(LONG);
  }

  @Test
  void aConnectionServesOneRequestAfterTheOther() throws Exception {
    try (Socket socket = connect()) {
      for (int i = 0; i < 3; i++) {
        send(socket, "GET /well HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(readUntil(socket, "ok\nok\n")).startsWith("HTTP/1.1 200 OK\r\n");
      }
    }
  }

  @Test
  void aHeadRequestGetsNoContent() throws Exception {
    for (String path : List.of("/well", "/long")) {
      String answer = ask("HEAD " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assertThat(answer).as(path).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n");
    }
  }

  @Test
  void whatIsNotServedIsRefused() throws Exception {
    assertThat(get("/nothing", "").statusCode()).isEqualTo(404);
    assertThat(get("/nothing", "").body()).contains("/metrics");
    assertThat(ask("POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 405 ");
    assertThat(ask("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    assertThat(ask("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void aLargeBodyIsRefused() throws Exception {
    assertThat(ask("GET /well HTTP/1.1\r\nConnection: close\r\nContent-Length: 9999\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ");
  }

  @Test
  void aClientThatDoesNotWaitForItsAnswerIsCutOff() throws Exception {
    try (Socket socket = connect()) {
      String request = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
      send(socket, request + request);
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
  }

  @Test
  void aPageThatBreaksIsAnErrorAndNeverHalfAnAnswer() throws Exception {
    assertThat(get("/broken", "").statusCode()).isEqualTo(500);
    assertThatThrownBy(() -> get("/breaks", "")).isInstanceOf(IOException.class);
  }

  @Test
  void whoAsksForOnePageTooManyIsToldToComeAgain() throws Exception {
    List<Socket> askers = new ArrayList<>();
    for (int i = 0; i < MetricsServer.MOST_PAGES; i++) {
      Socket asker = connect();
      askers.add(asker);
      send(asker, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    Eventually.until("all wait", () -> waiting.get() == MetricsServer.MOST_PAGES);
    assertThat(get("/well", "").statusCode()).isEqualTo(503);
    open.countDown();
    for (Socket asker : askers) {
      assertThat(readUntil(asker, "at last")).startsWith("HTTP/1.1 200 OK");
      asker.close();
    }
    Eventually.until("a place is free", () -> status("/well") == 200);
  }

  @Test
  void anAddressInUseIsNamed() {
    assertThatThrownBy(() -> MetricsServer.start(server.address(), loop, Map.of()))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("cannot serve metrics at")
        .hasMessageContaining("--metrics-bind-addr");
  }

  private int status(String path) {
    try {
      return get(path, "").statusCode();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> get(String path, String accept)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(server.address().getPort(), path));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Sends, and reads until the server closes. */
  private String ask(String request) throws IOException {
    try (Socket socket = connect()) {
      send(socket, request);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private Socket connect() throws IOException {
    return new Socket(server.address().getAddress(), server.address().getPort());
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder text = new StringBuilder();
    while (text.indexOf(end) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("the connection ended after: " + text);
      }
      text.append((char) next);
    }
    return text.toString();
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
