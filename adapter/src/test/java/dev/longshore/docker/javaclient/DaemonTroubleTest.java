package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.TestSpecs;
import dev.longshore.docker.javaclient.SocketDaemon.Answer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A daemon that is away, hangs, breaks off or talks rubbish: callers are told, nothing leaks. */
final class DaemonTroubleTest {
  private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @Test
  void aMissingSocketIsToldAtOnceWithWhatHelps() {
    JavaDockerEngine engine = engine(DockerHost.unix(folder.resolve("none.sock")));

    fails(Kind.UNAVAILABLE, () -> engine.ping(soon()))
        .hasMessageContaining("there is no socket " + folder.resolve("none.sock"))
        .hasMessageContaining("--docker-endpoint");
  }

  @Test
  void aSocketWithoutAListenerIsToldAtOnceWithWhatHelps() throws IOException {
    Path socket = folder.resolve("left.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
    }
    JavaDockerEngine engine = engine(DockerHost.unix(socket));

    fails(Kind.UNAVAILABLE, () -> engine.ping(soon()))
        .hasMessageContaining("nobody listens on unix://" + socket)
        .hasMessageContaining("--docker-endpoint");
  }

  @Test
  void aFolderInTheSocketsPlaceIsTold() throws IOException {
    Path socket = Files.createDirectory(folder.resolve("docker.sock"));
    JavaDockerEngine engine = engine(DockerHost.unix(socket));

    fails(Kind.UNAVAILABLE, () -> engine.ping(soon())).hasMessageContaining(socket.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rubbish\r\n\r\n",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[{\"Id"
      })
  void anAnswerThatBreaksOffMakesTheDaemonUnavailable(String answer) {
    SocketDaemon daemon = daemon().answers(Answer.raw(answer));
    JavaDockerEngine engine = engine(daemon.host());

    fails(
            Kind.UNAVAILABLE,
            () -> engine.create(TestSpecs.container("web", "busybox", "sh"), soon()))
        .hasMessageContaining("cannot create container web");
    daemon.answers(Answer.json(200, "[]"));
    assertThat(engine.list("label", soon())).isEmpty();
  }

  @Test
  void aQuestionWhoseAnswerBreaksOffHasFailedToo() {
    JavaDockerEngine engine = engine(daemon().answers(Answer.raw("HTTP/1.1 2")).host());

    fails(Kind.UNAVAILABLE, () -> engine.inspect("web", soon()))
        .hasMessageContaining("cannot inspect container web");
  }

  @ParameterizedTest
  @ValueSource(strings = {"<html>", "{\"Id\": \"", "\"text\" trailing"})
  void anAnswerThatIsNotJsonIsTold(String answer) {
    JavaDockerEngine engine = engine(daemon().answers(Answer.json(200, answer)).host());

    fails(Kind.INTERNAL, () -> engine.inspect("web", soon()))
        .hasMessageContaining("cannot inspect container web")
        .hasMessageNotContaining("Exception");
  }

  @Test
  void statusesBecomeKindsWithTheDaemonsWords() {
    SocketDaemon daemon = daemon();
    JavaDockerEngine engine = engine(daemon.host());

    daemon.answers(Answer.json(400, "{\"message\":\"bad parameter\"}"));
    fails(Kind.INVALID, () -> engine.start(ID, soon()))
        .hasMessage("cannot start container 0123456789ab: bad parameter");
    daemon.answers(Answer.json(409, "{\"message\":\"is paused\"}"));
    fails(Kind.NOT_READY, () -> engine.update(ID, ResourceSpec.NONE, soon()))
        .hasMessage("cannot update container 0123456789ab: is paused");
    daemon.answers(Answer.json(500, "{\"message\":\"no space left on device\"}"));
    fails(Kind.INTERNAL, () -> engine.start(ID, soon())).hasMessageContaining("no space left");
    daemon.answers(Answer.json(502, ""));
    fails(Kind.UNAVAILABLE, () -> engine.start(ID, soon())).hasMessageContaining("status 502");
    daemon.answers(Answer.json(404, "page not found"));
    fails(Kind.NOT_FOUND, () -> engine.start(ID, soon())).hasMessageContaining("page not found");
  }

  @Test
  void nothingToDoIsNotAFailure() {
    SocketDaemon daemon = daemon();
    JavaDockerEngine engine = engine(daemon.host());

    daemon.answers(Answer.json(304, ""));
    engine.start(ID, soon());
    engine.stop(ID, Duration.ofMillis(1200), soon());
    daemon.answers(Answer.json(409, "{\"message\":\"Container is not running\"}"));
    engine.kill(ID, "SIGTERM", soon());
    daemon.answers(Answer.json(404, "{\"message\":\"No such\"}"));
    engine.remove(ID, soon());
    engine.removeImage("busybox:1", false, soon());
    assertThat(engine.inspect("web", soon())).isEmpty();
    assertThat(engine.image("busybox:1", soon())).isEmpty();

    assertThat(daemon.lines())
        .contains(
            "POST /v1.41/containers/" + ID + "/stop?t=2",
            "POST /v1.41/containers/" + ID + "/kill?signal=SIGTERM",
            "DELETE /v1.41/images/busybox:1");
    assertThat(daemon.lines()).filteredOn(line -> line.contains("v=true")).isNotEmpty();
  }

  @Test
  void aRemovalAlreadyUnderWayIsAwaited() {
    SocketDaemon daemon =
        daemon()
            .answers(
                request ->
                    request.method().equals("DELETE")
                        ? Answer.json(409, "{\"message\":\"removal is already in progress\"}")
                        : Answer.json(200, "{\"StatusCode\":0}"));
    JavaDockerEngine engine = engine(daemon.host());

    engine.remove(ID, soon());

    assertThat(daemon.lines().getLast())
        .isEqualTo("POST /v1.41/containers/" + ID + "/wait?condition=removed");
  }

  @Test
  void aDaemonThatHangsIsNotWaitedForBeyondTheDeadline() {
    JavaDockerEngine engine = engine(daemon().answers(Answer.silence()).host());
    long start = System.nanoTime();

    fails(Kind.TIMED_OUT, () -> engine.inspect("web", Deadline.in(Duration.ofMillis(100))))
        .hasMessageContaining("cannot inspect container web")
        .hasMessageContaining("did not answer within");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void aDaemonThatHangsBeforeTheFirstAnswerIsNotWaitedForEither() {
    JavaDockerEngine engine = engine(daemon().pings(Answer.silence()).host());

    fails(Kind.TIMED_OUT, () -> engine.inspect("web", Deadline.in(Duration.ofMillis(100))));
  }

  @Test
  void aBodyThatNeverEndsIsNotWaitedFor() {
    Answer half = Answer.openStream("[{\"Id\":");
    JavaDockerEngine engine = engine(daemon().answers(half).host());

    fails(Kind.TIMED_OUT, () -> engine.list("label", Deadline.in(Duration.ofMillis(100))));
  }

  @Test
  void anInterruptEndsACallAndItsConnection() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    SocketDaemon daemon =
        daemon()
            .answers(
                _ -> {
                  asked.countDown();
                  return Answer.silence();
                });
    JavaDockerEngine engine = engine(daemon.host());
    CompletableFuture<Kind> outcome = new CompletableFuture<>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    engine.start(ID, soon());
                  } catch (CriException e) {
                    outcome.complete(
                        Thread.currentThread().isInterrupted() ? e.kind() : Kind.INTERNAL);
                  }
                });
    assertThat(asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    caller.interrupt();

    assertThat(outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(Kind.CANCELLED);
    awaitConnections(daemon, 1);
  }

  @Test
  void aThousandCallsThatTimeOutLeaveNothingBehind() {
    SocketDaemon daemon = daemon().answers(Answer.json(200, "[]"));
    JavaDockerEngine engine = engine(daemon.host());
    assertThat(engine.list("label", soon())).isEmpty();
    daemon.answers(Answer.silence());
    long files = openFiles();
    int threads = Thread.activeCount();

    for (int i = 0; i < 1000; i++) {
      Deadline brief = Deadline.in(Duration.ofMillis(2));
      switch (i % 4) {
        case 0 -> fails(Kind.TIMED_OUT, () -> engine.inspect("web", brief));
        case 1 -> fails(Kind.TIMED_OUT, () -> engine.start(ID, brief));
        case 2 -> fails(Kind.TIMED_OUT, () -> engine.runExec("e", _ -> {}, _ -> {}, brief));
        default -> fails(Kind.TIMED_OUT, () -> engine.remove(ID, brief));
      }
    }

    awaitConnections(daemon, 1);
    assertThat(openFiles()).isLessThan(files + 20);
    assertThat(Thread.activeCount()).isLessThan(threads + 10);
    daemon.answers(Answer.json(200, "[]"));
    assertThat(engine.list("label", soon())).isEmpty();
  }

  @Test
  void callsInARowShareOneConnectionWhateverTheAnswers() {
    SocketDaemon daemon = daemon();
    JavaDockerEngine engine = engine(daemon.host());
    for (int status : new int[] {200, 304, 404, 409, 500}) {
      Answer said = Answer.json(status, status == 304 ? "" : "{\"message\":\"said\"}");
      daemon.answers(
          request ->
              status == 200 && request.method().equals("DELETE") ? Answer.json(204, "") : said);
      for (Runnable call :
          List.<Runnable>of(
              () -> engine.ping(soon()),
              () -> engine.inspect("web", soon()),
              () -> engine.start(ID, soon()),
              () -> engine.kill(ID, "SIGKILL", soon()),
              () -> engine.update(ID, ResourceSpec.NONE, soon()),
              () -> engine.remove(ID, soon()))) {
        try {
          call.run();
        } catch (CriException e) {
          assertThat(e.kind()).isNotEqualTo(Kind.UNAVAILABLE);
        }
      }
    }

    assertThat(daemon.requests()).hasSizeGreaterThan(30);
    assertThat(daemon.accepted()).isEqualTo(1);
  }

  @Test
  void manyCallsThatHangDoNotHoldUpOthers() {
    CountDownLatch asked = new CountDownLatch(200);
    SocketDaemon daemon =
        daemon()
            .answers(
                request -> {
                  if (request.path().contains("/json")) {
                    return Answer.json(200, "[]");
                  }
                  asked.countDown();
                  return Answer.silence();
                });
    JavaDockerEngine engine = engine(daemon.host());
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> assertThatThrownBy(() -> engine.start(ID, soon())).isNotNull()));
    }
    assertThatNoException()
        .isThrownBy(() -> assertThat(asked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue());

    assertThat(engine.list("label", soon())).isEmpty();

    callers.forEach(Thread::interrupt);
    awaitConnections(daemon, 1);
  }

  @Test
  void oneBrokenConnectionDoesNotEndTheCallsOnOthers() throws Exception {
    CountDownLatch following = new CountDownLatch(1);
    SocketDaemon daemon =
        daemon()
            .answers(
                request ->
                    request.path().contains("/events") ? Answer.openStream("") : Answer.raw(""));
    JavaDockerEngine engine = engine(daemon.host());
    CompletableFuture<CriException> ended = new CompletableFuture<>();
    Thread follower =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    engine.followEvents(Instant.now(), following::countDown, _ -> {});
                  } catch (CriException e) {
                    ended.complete(e);
                  }
                });
    assertThat(following.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    fails(Kind.UNAVAILABLE, () -> engine.start(ID, soon()));

    assertThat(ended).isNotDone();
    follower.interrupt();
    assertThat(ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).kind()).isEqualTo(Kind.CANCELLED);
  }

  @Test
  void theJdksOwnSocketsAreUsedNotJnas() throws IOException {
    JavaDockerEngine engine = engine(daemon().answers(Answer.json(200, "[]")).host());
    assertThat(engine.list("label", soon())).isEmpty();

    assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain("jnidispatch");
  }

  private SocketDaemon daemon() {
    SocketDaemon daemon = SocketDaemon.start(folder, "1.41");
    opened.add(daemon);
    return daemon;
  }

  private JavaDockerEngine engine(DockerHost host) {
    JavaDockerEngine engine = new JavaDockerEngine(host);
    opened.add(engine);
    return engine;
  }

  private static void awaitConnections(SocketDaemon daemon, int most) {
    Deadline deadline = soon();
    while (daemon.connections() > most) {
      assertThat(deadline.passed()).as("%d connections are left", daemon.connections()).isFalse();
      Thread.onSpinWait();
    }
  }

  private static long openFiles() {
    String[] files = Path.of("/proc/self/fd").toFile().list();
    return files == null ? 0 : files.length;
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> fails(
      Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class,
            failure -> assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind));
  }

  private static Deadline soon() {
    return Deadline.in(PATIENCE);
  }
}
