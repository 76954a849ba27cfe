package dev.longshore.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ContainerSpec.BindMount;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@link DockerEngine} promises, of whatever stands behind it. */
public abstract class DockerEngineContractTest {
  private static final ContainerId UNKNOWN = new ContainerId("0123456789abcdef".repeat(4));
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String mark = "longshore.contract." + UUID.randomUUID();
  private final List<ContainerId> made = new ArrayList<>();

  /** The engine under test, the same for the whole of a test. */
  protected abstract DockerEngine engine();

  /** An image with {@code sh} and {@code sleep}, and the label {@code from.image=yes}. */
  protected abstract String image();

  /** The container's command is one that writes three lines and ends; a fake has to be told. */
  protected void printsThreeLines(ContainerId id) {}

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @AfterEach
  void removeContainers() {
    made.forEach(id -> engine().remove(id, soon()));
  }

  @Test
  void aCreatedContainerReadsBackAsItWasAsked() {
    ContainerSpec spec =
        TestSpecs.withMounts(sleeper("web"), List.of(new BindMount("/tmp", "/data", true, "")));
    ContainerId id = create(spec);

    EngineContainer seen = engine().inspect(id.value(), soon()).orElseThrow();

    assertThat(seen.id()).isEqualTo(id);
    assertThat(seen.name()).isEqualTo(spec.name());
    assertThat(seen.state()).isEqualTo(new EngineState.Created());
    assertThat(seen.imageName()).isEqualTo(image());
    assertThat(seen.imageId()).isEqualTo(engine().image(image(), soon()).orElseThrow().id());
    assertThat(seen.labels()).containsEntry(mark, "web");
    assertThat(seen.host().networkMode()).isEqualTo("none");
    assertThat(seen.host().privileged()).isFalse();
    assertThat(seen.created()).isBetween(Instant.now().minus(PATIENCE), Instant.now());
    assertThat(seen.mounts())
        .singleElement()
        .satisfies(
            mount -> {
              assertThat(mount.type()).isEqualTo("bind");
              assertThat(mount.source()).isEqualTo("/tmp");
              assertThat(mount.target()).isEqualTo("/data");
              assertThat(mount.writable()).isFalse();
            });
  }

  @Test
  void theImagesLabelsAreAmongTheContainers() {
    ContainerId id = create(sleeper("web"));

    assertThat(engine().inspect(id.value(), soon()).orElseThrow().labels())
        .containsEntry("from.image", "yes");
  }

  @Test
  void aContainerIsFoundByName() {
    ContainerSpec spec = sleeper("web");
    ContainerId id = create(spec);

    assertThat(engine().inspect(spec.name(), soon()).map(EngineContainer::id)).contains(id);
  }

  @Test
  void anUnknownContainerIsAnAnswerToInspect() {
    assertThat(engine().inspect(UNKNOWN.value(), soon())).isEmpty();
    assertThat(engine().inspect("no-such-name-" + mark, soon())).isEmpty();
  }

  @Test
  void aTakenNameIsRefusedAndItsHolderNamed() {
    ContainerSpec spec = sleeper("web");
    ContainerId holder = create(spec);

    fails(Kind.ALREADY_EXISTS, () -> engine().create(spec, soon()))
        .hasMessageContaining(holder.value());
  }

  @Test
  void aMissingImageIsNotFound() {
    ContainerSpec spec = TestSpecs.container("x" + mark, "longshore.test/no-such-image:1", "sh");

    fails(Kind.NOT_FOUND, () -> engine().create(spec, soon()))
        .hasMessageContaining("no-such-image");
  }

  @Test
  void aStartedContainerHasAProcess() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());

    assertThat(state(id))
        .isInstanceOfSatisfying(
            EngineState.Running.class,
            running -> {
              assertThat(running.pid()).isPositive();
              assertThat(running.paused()).isFalse();
              assertThat(running.startedAt()).isAfter(Instant.now().minus(PATIENCE));
            });
  }

  @Test
  void startingTwiceIsStartingOnce() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());
    EngineState first = state(id);

    engine().start(id, soon());

    assertThat(state(id)).isEqualTo(first);
  }

  @Test
  void aStopEndsTheContainerAndIsNotNeededTwice() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());

    engine().stop(id, Duration.ZERO, soon());
    engine().stop(id, Duration.ZERO, soon());

    assertThat(state(id))
        .isInstanceOfSatisfying(
            EngineState.Exited.class,
            exited -> {
              assertThat(exited.exitCode()).isEqualTo(137);
              assertThat(exited.startedAt()).isPresent();
              assertThat(exited.finishedAt()).isAfter(exited.startedAt().orElseThrow());
            });
  }

  @Test
  void aKillEndsTheContainerAndLeavesAStoppedOneAlone() throws Exception {
    ContainerId id = create(sleeper("web"));
    engine().kill(id, "SIGKILL", soon());
    assertThat(state(id)).isEqualTo(new EngineState.Created());

    try (Following events = new Following(Instant.now())) {
      engine().start(id, soon());
      engine().kill(id, "SIGKILL", soon());
      events.await(id, "die");
    }
    assertThat(state(id)).isInstanceOf(EngineState.Exited.class);
    engine().kill(id, "SIGKILL", soon());
  }

  @Test
  void anEndIsToldWithItsExitCodeAndAfterTheStart() throws Exception {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());
    Instant started = ((EngineState.Running) state(id)).startedAt();
    try (Following events = new Following(started)) {
      engine().kill(id, "SIGKILL", soon());
      EngineEvent die = events.await(id, "die");
      assertThat(die.attributes()).containsEntry("exitCode", "137");
      assertThat(Instant.ofEpochSecond(0, die.timeNanos())).isAfter(started);
    }
  }

  @Test
  void anUnknownContainerCannotBeUsed() {
    fails(Kind.NOT_FOUND, () -> engine().start(UNKNOWN, soon()));
    fails(Kind.NOT_FOUND, () -> engine().stop(UNKNOWN, Duration.ZERO, soon()));
    fails(Kind.NOT_FOUND, () -> engine().kill(UNKNOWN, "SIGKILL", soon()));
    fails(Kind.NOT_FOUND, () -> engine().update(UNKNOWN, ResourceSpec.NONE, soon()));
    fails(Kind.NOT_FOUND, () -> engine().createExec(UNKNOWN, command("true"), soon()));
  }

  @Test
  void removingAnUnknownContainerIsDoneAlready() {
    engine().remove(UNKNOWN, soon());
  }

  @Test
  void aRunningContainerIsRemovedByForce() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());

    engine().remove(id, soon());

    assertThat(engine().inspect(id.value(), soon())).isEmpty();
  }

  @Test
  void aListHasTheContainersWithTheLabelWhateverTheirState() {
    ContainerId first = create(sleeper("first"));
    ContainerId second = create(sleeper("second"));
    engine().start(second, soon());

    ContainerId third = create(sleeper("third"));
    engine().start(third, soon());
    engine().kill(third, "SIGKILL", soon());
    Eventually.until("it has ended", () -> state(third) instanceof EngineState.Exited);

    List<ListedContainer> listed = engine().list(mark, soon());
    assertThat(listed)
        .extracting(ListedContainer::id, ListedContainer::state)
        .containsExactlyInAnyOrder(
            tuple(first, "created"), tuple(second, "running"), tuple(third, "exited"));
    assertThat(listed)
        .allSatisfy(
            container ->
                assertThat(
                        container.agreesWith(
                            engine().inspect(container.id().value(), soon()).orElseThrow()))
                    .isTrue());
    assertThat(engine().list("no." + mark, soon())).isEmpty();
  }

  @Test
  void limitsAreReadBackAndUpdated() {
    ResourceSpec limits =
        new ResourceSpec(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.of(512),
            OptionalLong.of(64 << 20),
            OptionalLong.of(64 << 20),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.of(100));
    ContainerId id = create(sleeper("web").withResources(limits));
    assertThat(resources(id)).isEqualTo(limits);

    engine().update(id, shares(256), soon());

    assertThat(resources(id).cpuShares()).hasValue(256);
    assertThat(resources(id).memoryBytes()).hasValue(64 << 20);
  }

  @Test
  void aStartThatFailsLeavesAnEndedContainerWithoutAStart() {
    ContainerId other = create(sleeper("other"));
    ContainerId id = create(TestSpecs.withNetwork(sleeper("web"), "container:" + other));

    assertThatThrownBy(() -> engine().start(id, soon())).isInstanceOf(CriException.class);

    assertThat(state(id))
        .isInstanceOfSatisfying(
            EngineState.Exited.class,
            exited -> {
              assertThat(exited.startedAt()).isEmpty();
              assertThat(exited.exitCode()).isNotZero();
              assertThat(exited.error()).isNotEmpty();
            });
  }

  @Test
  void aCommandsOutputAndExitCodeComeBack() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();

    String exec =
        engine().createExec(id, command("sh", "-c", "echo out; echo err >&2; exit 3"), soon());
    assertThat(engine().inspectExec(exec, soon()).exitCode()).isEmpty();
    engine().runExec(exec, text(out), text(err), soon());

    assertThat(out).hasToString("out\n");
    assertThat(err).hasToString("err\n");
    ExecState state = engine().inspectExec(exec, soon());
    assertThat(state.running()).isFalse();
    assertThat(state.exitCode()).isEqualTo(OptionalInt.of(3));
  }

  @Test
  void aCommandsInputAndOutputAreAConnection() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());
    String exec = engine().createExec(id, new ExecSpec(List.of("cat"), true, false), soon());
    try (EngineStream stream = engine().startExec(exec, false, soon())) {
      stream.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
      assertThat(read(stream, 5)).isEqualTo("hello");

      stream.closeInput();
      assertThat(stream.read(ByteBuffer.allocate(1))).isEqualTo(EngineStream.Output.END);
    }
    ExecState state = engine().inspectExec(exec, soon());
    Deadline ending = soon();
    while (state.running() && !ending.passed()) {
      state = engine().inspectExec(exec, ending);
    }
    assertThat(state.exitCode()).isEqualTo(OptionalInt.of(0));
  }

  @Test
  void closingAConnectionEndsAReadThatWaits() throws InterruptedException {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());
    String exec = engine().createExec(id, new ExecSpec(List.of("cat"), true, false), soon());
    EngineStream stream = engine().startExec(exec, false, soon());
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    ended.completeExceptionally(
                        new AssertionError(stream.read(ByteBuffer.allocate(1))));
                  } catch (CriException e) {
                    ended.complete(e);
                  }
                });
    stream.close();

    reader.join();
    assertThat(ended.join())
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CANCELLED));
  }

  @Test
  void aConnectionToNoCommandIsNotFound() {
    fails(Kind.NOT_FOUND, () -> engine().startExec("0123456789abcdef".repeat(4), false, soon()));
    fails(
        Kind.NOT_FOUND,
        () -> engine().attach(UNKNOWN, new AttachSpec(false, true, true, false), soon()));
  }

  @Test
  void aCommandNeedsARunningContainer() {
    ContainerId id = create(sleeper("web"));

    fails(Kind.NOT_READY, () -> engine().createExec(id, command("true"), soon()));
  }

  @Test
  void aCommandThatOutlastsItsDeadlineGoesOnWithoutUs() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());
    String exec = engine().createExec(id, command("sleep", "1000"), soon());

    fails(
        Kind.TIMED_OUT,
        () -> engine().runExec(exec, _ -> {}, _ -> {}, Deadline.in(Duration.ofMillis(300))));

    ExecState state = engine().inspectExec(exec, soon());
    Deadline starting = soon();
    while (state.pid().isEmpty() && !starting.passed()) {
      state = engine().inspectExec(exec, starting);
    }
    assertThat(state.running()).isTrue();
    assertThat(state.exitCode()).isEmpty();
    assertThat(state.pid().orElseThrow()).isPositive();
  }

  @Test
  void outputIsReadBackWithItsTimesAndFollowedToTheEnd() {
    ContainerSpec spec =
        TestSpecs.container(
            "longshore-log-" + mark.substring(20),
            image(),
            "sh",
            "-c",
            "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three");
    ContainerId id = create(spec.withLog(new LogSpec("local", Map.of())));
    engine().start(id, soon());
    printsThreeLines(id);

    List<LogPiece> all = new ArrayList<>();
    engine().followLogs(id, Instant.EPOCH, all::add);
    assertThat(all).extracting(p -> text(p.content())).containsExactly("one", "two", "three");
    assertThat(all).extracting(LogPiece::stdout).containsExactly(true, false, true);
    assertThat(all).extracting(LogPiece::timeNanos).isSorted();

    List<LogPiece> rest = new ArrayList<>();
    engine().followLogs(id, Instant.ofEpochSecond(0, all.get(1).timeNanos()), rest::add);
    assertThat(rest).extracting(p -> text(p.content())).containsExactly("two", "three");
  }

  @Test
  void outputThatNoDriverKeepsCannotBeRead() {
    ContainerId id = create(sleeper("mute").withLog(new LogSpec("none", Map.of())));
    engine().start(id, soon());

    fails(Kind.UNSUPPORTED, () -> engine().followLogs(id, Instant.EPOCH, _ -> {}));
  }

  @Test
  void anImageIsFoundByEveryFormOfItsName() {
    EngineImage image = engine().image(image(), soon()).orElseThrow();
    String hex = image.id().substring("sha256:".length());

    assertThat(image.tags()).contains(image());
    assertThat(image.sizeBytes()).isPositive();
    assertThat(image.labels()).containsEntry("from.image", "yes");
    assertThat(engine().image(image.id(), soon())).contains(image);
    assertThat(engine().image(hex, soon())).contains(image);
    assertThat(engine().image(hex.substring(0, 12), soon())).contains(image);
    assertThat(engine().image("longshore.test/no-such-image:1", soon())).isEmpty();
    assertThat(engine().images(soon()))
        .anySatisfy(
            listed -> {
              assertThat(listed.id()).isEqualTo(image.id());
              assertThat(listed.tags()).isEqualTo(image.tags());
              assertThat(listed.sizeBytes()).isEqualTo(image.sizeBytes());
            });
  }

  @Test
  void theContainersOfAnImageAreThoseMadeFromIt() {
    String imageId = engine().image(image(), soon()).orElseThrow().id();
    ContainerId made = create(sleeper("user"));

    assertThat(engine().containersOf(imageId, soon())).contains(made);
    assertThat(engine().containersOf("sha256:" + "0".repeat(64), soon())).isEmpty();
  }

  @Test
  void aSecondNameComesAndGoesWithoutTheImage() {
    EngineImage image = engine().image(image(), soon()).orElseThrow();
    String second = "longshore.test/" + mark.substring(20) + ":2";

    engine().tag(image.id(), second, soon());
    assertThat(engine().image(second, soon()).map(EngineImage::id)).contains(image.id());

    engine().removeImage(second, false, soon());
    assertThat(engine().image(second, soon())).isEmpty();
    assertThat(engine().image(image(), soon())).isPresent();
    engine().removeImage(second, false, soon());
  }

  @Test
  void theContainersOfAnImageAreFoundWhoeverRunsThem() {
    String image = engine().image(image(), soon()).orElseThrow().id();
    ContainerId id = create(sleeper("web"));

    assertThat(engine().containersOf(image, soon())).contains(id);
    assertThat(engine().containersOf("sha256:" + UNKNOWN, soon())).isEmpty();
  }

  @Test
  void anImageInUseIsNotRemoved() {
    ContainerId id = create(sleeper("web"));
    engine().start(id, soon());

    fails(
        Kind.NOT_READY,
        () ->
            engine().removeImage(engine().image(image(), soon()).orElseThrow().id(), true, soon()));
  }

  @Test
  void eventsTellTheLifeOfAContainerEvenFromBeforeTheSubscription() throws Exception {
    Instant before = Instant.now().minusMillis(1);
    ContainerId id = create(sleeper("web"));

    try (Following events = new Following(before)) {
      EngineEvent created = events.await(id, "create");
      assertThat(created.type()).isEqualTo(EngineEvent.Type.CONTAINER);
      assertThat(created.attributes()).containsEntry(mark, "web").containsKey("name");
      assertThat(created.timeNanos()).isPositive();
      engine().start(id, soon());
      events.await(id, "start");
      engine().stop(id, Duration.ZERO, soon());
      events.await(id, "die");
      engine().remove(id, soon());
      events.await(id, "destroy");
    }
  }

  @Test
  void anInterruptEndsTheEventStream() throws Exception {
    Following events = new Following(Instant.now());

    assertThat(events.end().kind()).isEqualTo(Kind.CANCELLED);
  }

  @Test
  void aDeadlineThatHasPassedFailsTheCall() {
    fails(Kind.TIMED_OUT, () -> engine().list(mark, Deadline.in(Duration.ofSeconds(-1))));
  }

  @Test
  void anInterruptedCallerIsToldAndStaysInterrupted() {
    Thread.currentThread().interrupt();
    try {
      fails(Kind.CANCELLED, () -> engine().list(mark, soon()));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void theDaemonSaysWhoItIs() {
    engine().ping(soon());
    EngineInfo info = engine().info(soon());

    assertThat(info.version()).isNotEmpty();
    assertThat(info.apiVersion()).matches("1\\.\\d+");
    assertThat(info.maxApiVersion()).matches("1\\.\\d+");
    assertThat(info.cgroupDriver()).isIn("cgroupfs", "systemd", "none");
    assertThat(info.cgroupVersion()).isIn(1, 2);
    assertThat(info.rootDir()).startsWith("/");
    assertThat(info.runtimes()).contains(info.defaultRuntime());
  }

  private ContainerSpec sleeper(String role) {
    String name = "longshore-" + role + "-" + mark.substring(20);
    return TestSpecs.withLabels(
        TestSpecs.container(name, image(), "sleep", "1000"), Map.of(mark, role));
  }

  private ContainerId create(ContainerSpec spec) {
    ContainerId id = engine().create(spec, soon());
    made.add(id);
    return id;
  }

  private EngineState state(ContainerId id) {
    return engine().inspect(id.value(), soon()).orElseThrow().state();
  }

  private ResourceSpec resources(ContainerId id) {
    return engine().inspect(id.value(), soon()).orElseThrow().host().resources();
  }

  private static ResourceSpec shares(long shares) {
    return new ResourceSpec(
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.of(shares),
        OptionalLong.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  private static String read(EngineStream stream, int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      assertThat(stream.read(buffer)).isEqualTo(EngineStream.Output.STDOUT);
    }
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  private static ExecSpec command(String... command) {
    return new ExecSpec(List.of(command), false, false);
  }

  private static Consumer<byte[]> text(StringBuilder into) {
    return bytes -> into.append(new String(bytes, StandardCharsets.UTF_8));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> fails(
      Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
  }

  private static Deadline soon() {
    return Deadline.in(PATIENCE);
  }

  /** A thread that follows the events. */
  private final class Following implements AutoCloseable {
    private final BlockingQueue<EngineEvent> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<CriException> ended = new CompletableFuture<>();
    private final Thread thread;

    Following(Instant since) throws InterruptedException {
      CountDownLatch opened = new CountDownLatch(1);
      thread = Thread.ofVirtual().start(() -> follow(since, opened));
      assertThat(opened.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as("the stream opens; it ended with %s", ended)
          .isTrue();
    }

    private void follow(Instant since, CountDownLatch opened) {
      try {
        engine().followEvents(since, opened::countDown, events::add);
      } catch (CriException e) {
        ended.complete(e);
        opened.countDown();
      }
    }

    EngineEvent await(ContainerId id, String action) throws InterruptedException {
      EngineEvent event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      while (event != null && !(event.id().equals(id.value()) && event.action().equals(action))) {
        event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
      assertThat(event).as("event %s of %s", action, id).isNotNull();
      return Objects.requireNonNull(event);
    }

    CriException end() {
      thread.interrupt();
      return ended.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
      CriException _ = end();
    }
  }
}
