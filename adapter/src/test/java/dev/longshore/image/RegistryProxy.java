package dev.longshore.image;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.longshore.common.TestCertificate;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Stands before a registry on loopback, by https, and behaves as registries do now and then. What
 * is read goes through it; nothing is pushed.
 */
final class RegistryProxy implements AutoCloseable {
  /** The bearer token that opens, and the identity token that gives it. */
  static final String TOKEN = "fresh";

  private static final int SLICES_PER_SECOND = 10;

  private final URI registry;
  private final HttpsServer server;
  private final HttpClient http = HttpClient.newHttpClient();
  private final CountDownLatch closed = new CountDownLatch(1);

  private volatile boolean wantsToken;
  private volatile Optional<Failure> failure = Optional.empty();
  private volatile Optional<Flow> flow = Optional.empty();

  RegistryProxy(URI registry, TestCertificate certificate) throws IOException {
    this.registry = registry;
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.serverContext()));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::serve);
    server.start();
  }

  /** From now on only {@link #TOKEN} opens. */
  RegistryProxy wantingTokens() {
    wantsToken = true;
    return this;
  }

  /** From now on manifests are answered so. */
  RegistryProxy failing(int status, String code, String message) {
    failure = Optional.of(new Failure(status, code, message));
    return this;
  }

  /** From now on layers come at that pace, up to so many bytes; then nothing more comes. */
  RegistryProxy stalling(int bytesPerSecond, int bytes) {
    flow = Optional.of(new Flow(bytesPerSecond, bytes, false));
    return this;
  }

  /** The same, but then the registry is gone. */
  RegistryProxy dying(int bytesPerSecond, int bytes) {
    flow = Optional.of(new Flow(bytesPerSecond, bytes, true));
    return this;
  }

  /** The name of a repository behind this proxy. */
  String name(String repository) {
    return "127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), repository);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/token")) {
        giveToken(exchange);
      } else if (wantsToken && !bears(exchange)) {
        refuse(exchange);
      } else if (failure.isPresent() && path.contains("/manifests/")) {
        fail(exchange, failure.get());
      } else {
        forward(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean bears(HttpExchange exchange) {
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    return ("Bearer " + TOKEN).equals(given);
  }

  private void refuse(HttpExchange exchange) throws IOException {
    String challenge =
        "Bearer realm=\"https://127.0.0.1:%d/token\",service=\"test\",error=\"invalid_token\""
            .formatted(server.getAddress().getPort());
    exchange.getResponseHeaders().add("WWW-Authenticate", challenge);
    fail(exchange, new Failure(401, "UNAUTHORIZED", "the token has expired"));
  }

  private static void giveToken(HttpExchange exchange) throws IOException {
    String form =
        new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
            + exchange.getRequestURI().getQuery();
    if (form.contains("refresh_token=" + TOKEN)) {
      answer(exchange, 200, "{\"access_token\": \"%s\", \"token\": \"%1$s\"}".formatted(TOKEN));
    } else {
      fail(exchange, new Failure(401, "UNAUTHORIZED", "the login has expired"));
    }
  }

  private static void fail(HttpExchange exchange, Failure failure) throws IOException {
    answer(
        exchange,
        failure.status,
        "{\"errors\": [{\"code\": \"%s\", \"message\": \"%s\"}]}"
            .formatted(failure.code, failure.message));
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }

  private void forward(HttpExchange exchange) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(registry.resolve(exchange.getRequestURI().getPath()))
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody());
    exchange
        .getRequestHeaders()
        .getOrDefault("Accept", List.of())
        .forEach(type -> request.header("Accept", type));
    HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
    for (String header : List.of("Content-Type", "Docker-Content-Digest", "Content-Length")) {
      answer
          .headers()
          .firstValue(header)
          .ifPresent(value -> exchange.getResponseHeaders().set(header, value));
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.statusCode(), head ? -1 : answer.body().length);
    if (!head) {
      write(exchange, answer.body());
    }
  }

  private void write(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
    Optional<Flow> slow = flow.filter(f -> body.length > f.bytes);
    if (slow.isEmpty()) {
      exchange.getResponseBody().write(body);
      return;
    }
    int slice = slow.get().bytesPerSecond / SLICES_PER_SECOND;
    OutputStream out = exchange.getResponseBody();
    for (int at = 0; at < slow.get().bytes && closed.getCount() > 0; at += slice) {
      out.write(Arrays.copyOfRange(body, at, Math.min(at + slice, slow.get().bytes)));
      out.flush();
      boolean _ = closed.await(1000 / SLICES_PER_SECOND, TimeUnit.MILLISECONDS);
    }
    if (slow.get().dies) {
      // Not here: this would wait for itself.
      Thread.ofVirtual().start(() -> server.stop(0));
    } else {
      closed.await();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    http.close();
  }

  private record Failure(int status, String code, String message) {}

  private record Flow(int bytesPerSecond, int bytes, boolean dies) {}
}
