package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.client.CriClient;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.RuntimeServiceGrpc;
import dev.longshore.cri.v1.VersionRequest;
import dev.longshore.rpc.ScriptedRuntime.Script;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@Timeout(60)
class RpcServerTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Script ECHO = (request, _) -> request;

  @TempDir Path folder = Path.of("");
  private Path socket = Path.of("");
  private CriClient client = CriClient.of(Path.of("/unused"));

  @BeforeEach
  void prepare() {
    client.close();
    socket = folder.resolve("s.sock");
    client = CriClient.of(socket);
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void theSocketIsOpenToOwnerAndGroupOnly() throws IOException {
    try (Server _ = serve(ECHO)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
          .isEqualTo("rw-rw----");
    }
  }

  @Test
  void aSocketThatNobodyServesIsReplaced() throws IOException {
    listen().close();
    assertThat(socket).exists();
    try (Server _ = serve(ECHO)) {
      assertThat(version("a")).isEqualTo("a");
    }
  }

  @Test
  void aSecondServerIsRefusedAndTheFirstServesOn() {
    try (Server _ = serve(ECHO)) {
      assertThatThrownBy(() -> serve(ECHO))
          .hasMessageContaining(socket.toString())
          .hasMessageContaining("another Longshore (pid " + ProcessHandle.current().pid() + ")");
      assertThat(version("still here")).isEqualTo("still here");
    }
  }

  @Test
  void aSocketOfAnotherProgramIsLeftAlone() throws IOException {
    try (ServerSocketChannel other = listen()) {
      assertThatThrownBy(() -> serve(ECHO)).hasMessageContaining("another program listens there");
      assertThat(other.isOpen()).isTrue();
      assertThat(socket).exists();
    }
  }

  @Test
  void aFolderInTheWayIsAClearError() throws IOException {
    Files.createDirectory(socket);
    assertThatThrownBy(() -> serve(ECHO)).hasMessageContaining("it is a directory");
  }

  @Test
  void aFileInTheWayIsAClearErrorAndIsKept() throws IOException {
    Files.writeString(socket, "precious");
    assertThatThrownBy(() -> serve(ECHO)).hasMessageContaining("no socket");
    assertThat(socket).hasContent("precious");
  }

  @Test
  void aMissingFolderIsAClearError() {
    socket = folder.resolve("missing").resolve("s.sock");
    assertThatThrownBy(() -> serve(ECHO)).hasMessageContaining("there is no directory");
  }

  @Test
  void aPathTooLongForLinuxIsAClearError() {
    socket = folder.resolve("x".repeat(108));
    assertThatThrownBy(() -> serve(ECHO)).hasMessageContaining("Linux takes 107");
  }

  @Test
  void afterAStopTheSocketIsGoneAndASuccessorMayServe() {
    serve(ECHO).close();
    assertThat(socket).doesNotExist();
    try (Server _ = serve(ECHO)) {
      assertThat(version("b")).isEqualTo("b");
    }
  }

  @Test
  void aCallUnderWayFinishesDuringAStop() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Server server =
        serve(
            (request, _) -> {
              begun.countDown();
              mayEnd.await();
              return request;
            });
    CompletableFuture<String> answer = inBackground(() -> version("late"));
    begun.await();
    CompletableFuture<String> stop =
        inBackground(
            () -> {
              server.close();
              return "stopped";
            });
    while (Files.exists(socket)) {
      Thread.onSpinWait();
    }
    assertThat(stop).isNotDone();
    mayEnd.countDown();
    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("late");
    stop.get(10, TimeUnit.SECONDS);
  }

  @Test
  void aCallThatOutlivesTheGraceIsInterrupted() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Server server = serve(hang(begun, interrupted), () -> true, Duration.ofMillis(50));
    CompletableFuture<String> answer = inBackground(() -> version("x"));
    begun.await();
    server.close();
    assertThat(interrupted.getCount()).isZero();
    assertThat(answer).failsWithin(Duration.ofSeconds(10));
  }

  @Test
  void aCallerThatGoesAwayInterruptsItsHandler() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Server _ = serve(hang(begun, interrupted))) {
      CompletableFuture<String> answer = inBackground(() -> version("x"));
      begun.await();
      client.close();
      assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(answer).failsWithin(Duration.ofSeconds(10));
    }
  }

  @Test
  void theCallersDeadlineReachesTheHandlerAndInterruptsIt() throws Exception {
    AtomicReference<Duration> left = new AtomicReference<>(Duration.ZERO);
    CountDownLatch interrupted = new CountDownLatch(1);
    Script hang = hang(new CountDownLatch(1), interrupted);
    Script script =
        (request, deadline) -> {
          left.set(deadline.left());
          return hang.answer(request, deadline);
        };
    try (Server _ = serve(script)) {
      assertThatThrownBy(() -> version("x", Duration.ofMillis(300)))
          .isInstanceOfSatisfying(
              CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT));
      assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(left.get()).isPositive().isLessThanOrEqualTo(Duration.ofMillis(300));
    }
  }

  @Test
  void handlersRunOnVirtualThreads() {
    try (Server _ = serve((_, _) -> Boolean.toString(Thread.currentThread().isVirtual()))) {
      assertThat(version("x")).isEqualTo("true");
    }
  }

  @Test
  void whatIsAnsweredFromMemoryNeedsNoThreadOfItsOwn() {
    CallRunner calls = new CallRunner(LONG, new CallFigures());
    BindableService reads =
        new RuntimeServiceGrpc.RuntimeServiceImplBase() {
          @Override
          public void containerStatus(
              ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> caller) {
            calls.now("ContainerStatus", request.getContainerId(), caller, () -> name(request));
          }
        };
    try (Server _ = serve(reads, () -> true, LONG)) {
      assertThat(status("x")).isEqualTo("x on a platform thread");
      assertThatThrownBy(() -> status("broken"))
          .hasMessageContaining("ContainerStatus broken failed unexpectedly");
      assertThat(status("y")).isEqualTo("y on a platform thread");
    }
  }

  private static ContainerStatusResponse name(ContainerStatusRequest request) {
    if (request.getContainerId().equals("broken")) {
      throw new IllegalStateException("broken");
    }
    String thread = Thread.currentThread().isVirtual() ? "virtual" : "platform";
    return ContainerStatusResponse.newBuilder()
        .putInfo("thread", "%s on a %s thread".formatted(request.getContainerId(), thread))
        .build();
  }

  private String status(String id) {
    var request = ContainerStatusRequest.newBuilder().setContainerId(id).build();
    return client.runtime(LONG, stub -> stub.containerStatus(request)).getInfoOrThrow("thread");
  }

  @Test
  void aMessageJustBelowTheLimitPassesAndALargerOneIsRefused() {
    Script length = (request, _) -> Integer.toString(request.length());
    try (Server _ = serve(length, () -> true, Duration.ofMillis(50))) {
      int fits = (16 << 20) - 64;
      assertThat(version("x".repeat(fits))).isEqualTo(Integer.toString(fits));
      assertThatThrownBy(() -> version("x".repeat(fits + 128)))
          .isInstanceOfSatisfying(
              CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED));
    }
  }

  @Test
  void aFailureWithANameHasTheCodeThatTheKubeletTakesOff() {
    try (Server _ = serve(failing(new CriException(Kind.NAMED, "RegistryUnavailable: x")))) {
      assertThatThrownBy(() -> version("x"))
          .hasMessage("RegistryUnavailable: x")
          .cause()
          .hasMessageStartingWith("UNKNOWN: ");
    }
  }

  @ParameterizedTest
  @EnumSource(value = Kind.class, mode = Mode.EXCLUDE, names = "NAMED")
  void everyKindOfFailureArrivesWithItsSentence(Kind kind) {
    try (Server _ = serve(failing(new CriException(kind, "cannot do it: ∅ left")))) {
      assertThatThrownBy(() -> version("x"))
          .hasMessage("cannot do it: ∅ left")
          .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
  }

  @Test
  void aBugIsAnInternalErrorAndTheServerServesOn() {
    AtomicBoolean broken = new AtomicBoolean(true);
    Script script =
        (request, _) -> {
          if (broken.get()) {
            throw new StackOverflowError("deep");
          }
          return request;
        };
    try (Server _ = serve(script)) {
      assertThatThrownBy(() -> version("x"))
          .hasMessageContaining("Version x failed unexpectedly")
          .hasMessageContaining("StackOverflowError")
          .isInstanceOfSatisfying(
              CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INTERNAL));
      broken.set(false);
      assertThat(version("y")).isEqualTo("y");
    }
  }

  @Test
  void anEndlessSentenceIsCut() {
    try (Server _ = serve(failing(new CriException(Kind.INTERNAL, "∅".repeat(100_000))))) {
      assertThatThrownBy(() -> version("x"))
          .message()
          .hasSizeGreaterThan(600)
          .hasSizeLessThan(2_000)
          .endsWith("…");
    }
  }

  @Test
  void healthFollowsTheView() {
    AtomicBoolean synced = new AtomicBoolean();
    try (Server _ = serve(ECHO, synced::get, LONG)) {
      assertThat(client.serving(LONG, "")).isFalse();
      synced.set(true);
      assertThat(client.serving(LONG, "")).isTrue();
      assertThat(client.serving(LONG, "runtime.v1.RuntimeService")).isTrue();
      assertThatThrownBy(() -> client.serving(LONG, "no.such.Service"))
          .hasMessageContaining("no.such.Service");
    }
  }

  private Server serve(Script script) {
    return serve(script, () -> true, LONG);
  }

  private Server serve(Script script, BooleanSupplier ready, Duration grace) {
    return serve(new ScriptedRuntime(script), ready, grace);
  }

  private Server serve(BindableService service, BooleanSupplier ready, Duration grace) {
    SocketFile file = SocketFile.claim(socket);
    RpcServer server = RpcServer.of(file, List.of(service), ready, grace).serve();
    return () -> {
      server.close();
      file.close();
    };
  }

  private static CompletableFuture<String> inBackground(Supplier<String> work) {
    return CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
  }

  private ServerSocketChannel listen() throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }

  private static Script hang(CountDownLatch begun, CountDownLatch interrupted) {
    return (request, _) -> {
      begun.countDown();
      try {
        Thread.sleep(Duration.ofMinutes(10));
      } catch (InterruptedException e) {
        interrupted.countDown();
        throw e;
      }
      return request;
    };
  }

  private static Script failing(CriException failure) {
    return (_, _) -> {
      throw failure;
    };
  }

  private String version(String request) {
    return version(request, LONG);
  }

  private String version(String request, Duration limit) {
    VersionRequest message = VersionRequest.newBuilder().setVersion(request).build();
    return client.runtime(limit, stub -> stub.version(message)).getRuntimeVersion();
  }

  /** A server and its socket. */
  private interface Server extends AutoCloseable {
    @Override
    void close();
  }
}
