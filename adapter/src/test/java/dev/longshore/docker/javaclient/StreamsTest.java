package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.RegistryAuth;
import dev.longshore.docker.javaclient.SocketDaemon.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes in pieces: pulls, events, output of commands. */
final class StreamsTest {
  @TempDir private Path folder;
  private SocketDaemon daemon;
  private JavaDockerEngine engine;

  @BeforeEach
  void start() {
    daemon = SocketDaemon.start(folder, "1.41");
    engine = new JavaDockerEngine(daemon.host());
  }

  @AfterEach
  void stop() {
    engine.close();
    daemon.close();
  }

  @Test
  void aPullTellsItsProgress() {
    daemon.answers(
        Answer.stream(
            """
            {"status":"Pulling from library/busybox","id":"1"}\r
            {"status":"Downloading","progressDetail":{"current":10,"total":20},"id":"ab12"}\r
            {"status":"Downloading","progressDetail":{},"id":"ab12"}{"status":"Status: done"}\r
            """));
    List<String> heard = new ArrayList<>();

    engine.pull(
        "busybox:1",
        Optional.empty(),
        (layer, status, bytes, _) -> heard.add(layer + "|" + status + "|" + bytes),
        soon());

    assertThat(heard)
        .containsExactly(
            "1|Pulling from library/busybox|0",
            "ab12|Downloading|10",
            "ab12|Downloading|0",
            "|Status: done|0");
    assertThat(daemon.requests().getLast().headers()).doesNotContainKey("x-registry-auth");
  }

  @ParameterizedTest
  @CsvSource({
    "busybox, busybox%3Alatest",
    "busybox:1, busybox%3A1",
    "host:5000/a/b, host%3A5000%2Fa%2Fb%3Alatest",
    "host:5000/a/b:2, host%3A5000%2Fa%2Fb%3A2",
    "busybox@sha256:ab, busybox%40sha256%3Aab",
    "busybox:1@sha256:ab, busybox%3A1%40sha256%3Aab"
  })
  void aPullAlwaysNamesOneImage(String reference, String asked) {
    daemon.answers(Answer.stream("{}"));

    engine.pull(reference, Optional.empty(), (_, _, _, _) -> {}, soon());

    assertThat(daemon.lines().getLast()).isEqualTo("POST /v1.41/images/create?fromImage=" + asked);
  }

  @Test
  void credentialsGoIntoTheHeaderAndNowhereElse() {
    daemon.answers(Answer.stream("{}"));
    RegistryAuth auth = new RegistryAuth("me", "pass/word?", "host:5000", "", "");

    engine.pull("host:5000/a:1", Optional.of(auth), (_, _, _, _) -> {}, soon());

    String header = daemon.requests().getLast().headers().getOrDefault("x-registry-auth", "");
    assertThat(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"username\":\"me\",\"password\":\"pass/word?\",\"serveraddress\":\"host:5000\","
                + "\"identitytoken\":\"\",\"registrytoken\":\"\"}");
    daemon.answers(Answer.stream("{\"error\":\"denied\"}"));
    fails(Kind.INVALID, () -> engine.pull("a:1", Optional.of(auth), (_, _, _, _) -> {}, soon()))
        .hasMessageNotContaining("pass/word");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NAMED       | dial tcp 127.0.0.1:5000: connect: connection refused",
        "NAMED       | received unexpected HTTP status: 503 Service Unavailable",
        "NAMED       | received unexpected HTTP status: 502 Bad Gateway",
        "NAMED       | Get https://x/v2/: dial tcp: lookup x on 1.1.1.1:53: no such host",
        "NAMED       | Get https://x/v2/: net/http: TLS handshake timeout",
        "NAMED       | image verifier cosign blocked pull of x:9: no key",
        "INTERNAL    | Get https://x/v2/: x509: certificate signed by unknown authority",
        "INVALID     | pull access denied for x, repository does not exist or may require login",
        "INVALID     | unauthorized: authentication required",
        "INVALID     | Head https://x/v2/: no basic auth credentials",
        "NOT_FOUND   | manifest for x:9 not found: manifest unknown: manifest unknown",
        "NOT_FOUND   | no matching manifest for linux/arm64/v8 in the manifest list entries",
        "INVALID     | error parsing HTTP 400 response body: Client sent an HTTP request to an"
            + " HTTPS server.",
        "EXHAUSTED   | toomanyrequests: You have reached your pull rate limit",
        "EXHAUSTED   | failed to resolve reference: unexpected status from HEAD request to"
            + " https://127.0.0.1:5000/v2/x/manifests/9: 429",
        "NAMED       | failed to resolve reference: unexpected status from HEAD request to"
            + " https://127.0.0.1:5000/v2/x/manifests/9: 503",
        "EXHAUSTED   | write /var/lib/docker/tmp/x: no space left on device",
        "INTERNAL    | something else"
      })
  void aFailedPullSaysWhoseFaultItIs(Kind kind, String message) {
    daemon.answers(
        Answer.stream(
            "{\"status\":\"Pulling\"}{\"errorDetail\":{\"message\":\"%s\"},\"error\":\"%s\"}"
                .formatted(message, message)));

    fails(kind, () -> pull("x:9")).hasMessageContaining("x:9").hasMessageContaining(message);

    daemon.answers(Answer.json(500, "{\"message\":\"" + message + "\"}"));
    fails(kind, () -> pull("x:9")).hasMessageContaining(message);
  }

  @Test
  void aRegistryThatIsAwayHasTheKubeletsWord() {
    daemon.answers(Answer.stream("{\"errorDetail\":{\"code\":503,\"message\":\"busy\"}}"));

    fails(Kind.NAMED, () -> pull("x:9")).hasMessage("RegistryUnavailable: cannot pull x:9: busy");
  }

  @Test
  void aPullThatBreaksOffHasFailed() {
    daemon.answers(
        Answer.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"status\"\r\n"));

    fails(Kind.UNAVAILABLE, () -> pull("x:9")).hasMessageContaining("cannot pull x:9");
  }

  @ParameterizedTest
  @CsvSource({"''", "'a b'", "-x", "../etc", "a?b=c", "a%2fb", "a\u00e9"})
  void whatIsNoImageNameIsRefused(String reference) {
    fails(Kind.INVALID, () -> pull(reference));
    fails(Kind.INVALID, () -> engine.image(reference, soon()));
    fails(Kind.INVALID, () -> engine.removeImage(reference, false, soon()));
    assertThat(daemon.lines()).isEmpty();
  }

  @Test
  void eventsAreAskedForSinceAnInstantAndEndWithTheStream() {
    daemon.answers(
        Answer.stream(
            "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"abc\"},\"timeNano\":7}\n"));
    List<EngineEvent> heard = new ArrayList<>();
    List<String> order = new ArrayList<>();

    fails(
            Kind.UNAVAILABLE,
            () ->
                engine.followEvents(
                    Instant.ofEpochSecond(5, 42),
                    () -> order.add("opened"),
                    event -> {
                      order.add("event");
                      heard.add(event);
                    }))
        .hasMessageContaining("the event stream ended");

    assertThat(order).containsExactly("opened", "event");
    assertThat(heard).extracting(EngineEvent::action).containsExactly("die");
    assertThat(daemon.lines().getLast())
        .isEqualTo(
            "GET /v1.41/events?since=5.000000042&filters="
                + "%7B%22type%22%3A%5B%22container%22%2C%22image%22%5D%7D");
  }

  @Test
  void outputComesInFramesOfAnyLength() {
    String large = "x".repeat(65_537);
    daemon.answers(
        Answer.stream(frame(1, "out") + frame(2, "err") + frame(1, "") + frame(1, large)));
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();

    engine.runExec(
        "e1", bytes -> out.append(text(bytes)), bytes -> err.append(text(bytes)), soon());

    assertThat(out.toString()).isEqualTo("out" + large);
    assertThat(err.toString()).isEqualTo("err");
    assertThat(daemon.requests().getLast().body()).isEqualTo("{\"Detach\":false,\"Tty\":false}");
  }

  @ParameterizedTest
  @CsvSource({"hello from a terminal", "short", "x"})
  void aTerminalsOutputIsPlain(String output) {
    daemon.answers(Answer.stream(output));
    StringBuilder out = new StringBuilder();

    engine.runExec("e1", bytes -> out.append(text(bytes)), _ -> {}, soon());

    assertThat(out.toString()).isEqualTo(output);
  }

  @Test
  void outputThatBreaksOffWithinAFrameHasFailed() {
    daemon.answers(Answer.stream(frame(1, "whole") + frame(1, "broken").substring(0, 10)));

    fails(Kind.UNAVAILABLE, () -> engine.runExec("e1", _ -> {}, _ -> {}, soon()));
  }

  private void pull(String reference) {
    engine.pull(reference, Optional.empty(), (_, _, _, _) -> {}, soon());
  }

  /** Lengths whose bytes are ASCII only, so that the frame is a text. */
  private static String frame(int stream, String text) {
    int length = text.length();
    char[] header = {
      (char) stream,
      0,
      0,
      0,
      0,
      (char) (length >> 16),
      (char) (length >> 8 & 0xff),
      (char) (length & 0xff)
    };
    return new String(header) + text;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> fails(
      Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class,
            failure -> assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind));
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(30));
  }
}
