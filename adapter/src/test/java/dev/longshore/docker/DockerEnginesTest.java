package dev.longshore.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.metrics.Scrape;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The policies round the gateway, put together as in production, before a daemon of our own. */
final class DockerEnginesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration APART = Duration.ofMillis(30);
  private static final Set<Thread.State> WAITS =
      Set.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);
  private static final EngineLimits LIMITS =
      new EngineLimits(
          1,
          Duration.ofSeconds(10),
          Duration.ofMinutes(2),
          Duration.ofMinutes(1),
          Duration.ZERO,
          Duration.ofSeconds(5),
          Duration.ofMillis(50));

  private final FakeDockerEngine docker = new FakeDockerEngine();
  private final TestClock clock = new TestClock();
  private final DockerEngine engine = DockerEngines.resilient(docker, LIMITS, clock);

  DockerEnginesTest() {
    docker.addImage("busybox:1");
  }

  @Test
  void aQuestionIsAskedAgainWhenItsConnectionBroke() {
    docker.failNext("list", away());

    assertThat(engine.list("label", soon())).isEmpty();

    assertThat(docker.calls()).containsExactly("list label", "list label");
  }

  @Test
  void aQuestionIsAskedTwiceAtMost() {
    docker.failNext("images", away());
    docker.failNext("images", away());

    fails(Kind.UNAVAILABLE, () -> engine.images(soon()));

    assertThat(docker.calls()).hasSize(2);
  }

  @Test
  void anAnswerThatSaysNoIsNotAskedForAgain() {
    docker.failNext("images", new CriException(Kind.INTERNAL, "no"));

    fails(Kind.INTERNAL, () -> engine.images(soon()));

    assertThat(docker.calls()).hasSize(1);
  }

  @Test
  void aChangeIsNeverRepeated() {
    docker.failNext("create", away());

    fails(Kind.UNAVAILABLE, () -> create("web"));

    assertThat(docker.calls()).containsExactly("create web");
    assertThat(docker.names()).isEmpty();
  }

  @Test
  void aDaemonThatIsAwayIsLeftAloneAfterTwoFailures() {
    docker.down();
    fails(Kind.UNAVAILABLE, () -> create("a"));
    fails(Kind.UNAVAILABLE, () -> create("b"));
    docker.clearCalls();

    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()))
        .hasMessageContaining("cannot list label")
        .hasMessageContaining("has not answered since 2026-01-01T00:00:00Z")
        .hasMessageContaining("Docker is away");
    fails(Kind.UNAVAILABLE, () -> create("c"));

    assertThat(docker.calls()).isEmpty();
  }

  @Test
  void afterAPauseAPingDecidesWhetherTheDaemonIsBack() {
    takeAway();
    clock.advance(LIMITS.pause().plusMillis(1));

    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()));
    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()));
    assertThat(docker.calls()).containsExactly("ping");

    docker.up();
    clock.advance(LIMITS.pause().plusMillis(1));
    docker.clearCalls();
    assertThat(engine.list("label", soon())).isEmpty();
    assertThat(engine.list("label", soon())).isEmpty();
    assertThat(docker.calls()).containsExactly("ping", "list label", "list label");
  }

  @Test
  void aProbeThatIsNotAnsweredDoesNotHoldItsCallerUp() {
    takeAway();
    docker.up();
    docker.hang();
    clock.advance(LIMITS.pause().plusMillis(1));

    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()));
    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()));

    assertThat(docker.calls()).containsExactly("ping");
  }

  @Test
  void theOutageIsToldFromItsFirstFailureOn() {
    takeAway();
    Instant first = clock.instant();
    clock.advance(LIMITS.pause().plusMillis(1));
    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()));

    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()))
        .hasMessageContaining("since " + first);
  }

  @Test
  void aDaemonThatHangsIsLeftAlone() {
    docker.hang();
    fails(Kind.TIMED_OUT, () -> engine.list("label", brief()));
    fails(Kind.TIMED_OUT, () -> engine.list("label", brief()));

    fails(Kind.UNAVAILABLE, () -> engine.list("label", soon()));
  }

  @Test
  void theCallersImpatienceIsNotTheDaemonsFault() {
    DockerEngine patient = DockerEngines.resilient(docker, EngineLimits.DEFAULT, clock);
    docker.hang();
    for (int i = 0; i < 10; i++) {
      fails(Kind.TIMED_OUT, () -> patient.list("label", brief()));
    }
    docker.resume();

    assertThat(patient.list("label", soon())).isEmpty();
  }

  @Test
  void aDaemonThatSaysNoIsThere() {
    ContainerId unknown = new ContainerId("ab".repeat(32));
    for (int i = 0; i < 10; i++) {
      fails(Kind.NOT_FOUND, () -> engine.start(unknown, soon()));
    }

    assertThat(engine.list("label", soon())).isEmpty();
  }

  @Test
  void aRegistryThatIsAwayIsNotTheDaemonsFault() {
    for (int i = 0; i < 10; i++) {
      docker.failNext("pull", new CriException(Kind.NAMED, "RegistryUnavailable: no"));
      fails(Kind.NAMED, () -> engine.pull("busybox", Optional.empty(), (_, _, _, _) -> {}, soon()));
    }

    assertThat(engine.list("label", soon())).isEmpty();
  }

  @Test
  void aCommandThatLastsIsNotTheDaemonsFault() {
    docker.onExec(_ -> ExecAnswer.hangs(""));
    ContainerId id = create("web");
    engine.start(id, soon());
    for (int i = 0; i < 5; i++) {
      String exec = engine.createExec(id, new ExecSpec(List.of("x"), false, false), soon());
      fails(Kind.TIMED_OUT, () -> engine.runExec(exec, _ -> {}, _ -> {}, brief()));
    }

    assertThat(engine.list("label", soon())).isEmpty();
  }

  @Test
  void changesWaitForTheirTurnAndQuestionsDoNot() throws Exception {
    ContainerId first = create("first");
    ContainerId second = create("second");
    docker.hang("start");
    CompletableFuture<Void> starting = start(first);
    awaitCall("start first");

    fails(Kind.EXHAUSTED, () -> engine.start(second, brief()))
        .hasMessageContaining("cannot start " + second.shortForm())
        .hasMessageContaining("one of the 1 changes");
    assertThat(engine.inspect("first", soon())).isPresent();
    CompletableFuture<Void> waiting = start(second);
    docker.resume();

    starting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(docker.calls("start")).containsExactly("start first", "start second");
  }

  @Test
  void changesHaveTheirTurnInTheOrderTheyCame() throws InterruptedException {
    List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h");
    List<ContainerId> ids = names.stream().map(this::create).toList();
    docker.hang("start");
    List<Thread> starts = new ArrayList<>();
    for (ContainerId id : ids) {
      Thread start = new Thread(() -> engine.start(id, soon()));
      start.start();
      starts.add(start);
      Eventually.until("it waits", () -> WAITS.contains(start.getState()));
      // Whatever they wait in pieces of then ends at another moment for each.
      LockSupport.parkNanos(APART.toNanos());
    }
    docker.resume();
    for (Thread start : starts) {
      start.join();
    }
    assertThat(docker.calls("start"))
        .containsExactlyElementsOf(names.stream().map(name -> "start " + name).toList());
  }

  @Test
  void aStopThatGivesTimeDoesNotTakeATurn() {
    ContainerId first = create("first");
    docker.hang("start");
    CompletableFuture<Void> starting = start(first);
    awaitCall("start first");

    engine.stop(first, Duration.ofSeconds(30), soon());
    fails(Kind.EXHAUSTED, () -> engine.stop(first, Duration.ZERO, brief()));

    docker.resume();
    starting.join();
  }

  @Test
  void anInterruptEndsTheWaitForATurn() {
    ContainerId first = create("first");
    docker.hang("start");
    CompletableFuture<Void> starting = start(first);
    awaitCall("start first");
    CompletableFuture<Kind> outcome = new CompletableFuture<>();
    Thread waiter =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    engine.remove(first, soon());
                  } catch (CriException e) {
                    outcome.complete(e.kind());
                  }
                });

    waiter.interrupt();

    assertThat(outcome.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join())
        .isEqualTo(Kind.CANCELLED);
    docker.resume();
    starting.join();
  }

  @Test
  void everySortOfCallHasItsTimeLimit() {
    TimeLimits limits = new TimeLimits(EngineLimits.DEFAULT);

    assertThat(left(limits, new EngineCall(EngineCall.Kind.INSPECT, "x"))).isEqualTo(10);
    assertThat(left(limits, new EngineCall(EngineCall.Kind.CREATE, "x"))).isEqualTo(120);
    assertThat(left(limits, new EngineCall(EngineCall.Kind.STOP, "x", Duration.ofMinutes(5))))
        .isEqualTo(360);
    assertThat(left(limits, new EngineCall(EngineCall.Kind.PULL, "x"))).isGreaterThan(100_000);
    assertThat(left(limits, new EngineCall(EngineCall.Kind.EVENTS, ""))).isGreaterThan(100_000);
    long shorter =
        limits.apply(
            new EngineCall(EngineCall.Kind.INSPECT, "x"),
            Deadline.in(Duration.ofSeconds(2)),
            d -> d.left().plusMillis(500).toSeconds());
    assertThat(shorter).isEqualTo(2);
  }

  @Test
  void whatFollowsSomethingIsCountedAndNotTimed() {
    MeteredDockerEngine metered = new MeteredDockerEngine(docker);
    fails(
        Kind.NOT_FOUND,
        () -> metered.pull("nowhere:1", Optional.empty(), (_, _, _, _) -> {}, soon()));

    Scrape scrape = Scrape.of(metered.figures());
    assertThat(scrape.value("longshore_docker_requests_total{kind=\"pull\",outcome=\"not_found\"}"))
        .hasValue(1.0);
    assertThat(scrape.value("longshore_docker_request_duration_seconds_count{kind=\"pull\"}"))
        .isEmpty();
  }

  @Test
  void requestsAreCountedByKindAndOutcome() {
    MeteredDockerEngine metered = new MeteredDockerEngine(docker);
    DockerEngine whole = DockerEngines.resilient(metered, LIMITS, clock);
    docker.failNext("list", away());

    assertThat(whole.list("label", soon())).isEmpty();
    fails(Kind.NOT_FOUND, () -> whole.start(new ContainerId("ab".repeat(32)), soon()));

    Scrape scrape = Scrape.of(metered.figures());
    String requests = "longshore_docker_requests_total{kind=\"%s\",outcome=\"%s\"}";
    assertThat(scrape.value(requests.formatted("list", "unavailable"))).hasValue(1.0);
    assertThat(scrape.value(requests.formatted("list", "ok"))).hasValue(1.0);
    assertThat(scrape.value(requests.formatted("start", "not_found"))).hasValue(1.0);
    assertThat(scrape.value("longshore_docker_in_flight_requests{kind=\"list\"}")).hasValue(0.0);
    assertThat(scrape.value("longshore_docker_request_duration_seconds_count{kind=\"list\"}"))
        .hasValue(2.0);
  }

  private void takeAway() {
    docker.down();
    fails(Kind.UNAVAILABLE, () -> create("a"));
    fails(Kind.UNAVAILABLE, () -> create("b"));
    docker.clearCalls();
  }

  private ContainerId create(String name) {
    return engine.create(TestSpecs.container(name, "busybox:1", "sleep"), soon());
  }

  private CompletableFuture<Void> start(ContainerId id) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                engine.start(id, soon());
                done.complete(null);
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }

  private void awaitCall(String call) {
    Deadline deadline = soon();
    while (!docker.calls().contains(call)) {
      assertThat(deadline.passed()).as("waiting for %s", call).isFalse();
      Thread.onSpinWait();
    }
  }

  private static long left(TimeLimits limits, EngineCall call) {
    return limits.apply(call, Deadline.never(), d -> d.left().plusMillis(500).toSeconds());
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> fails(
      Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class, failure -> assertThat(failure.kind()).isEqualTo(kind));
  }

  private static CriException away() {
    return new CriException(Kind.UNAVAILABLE, "the connection broke");
  }

  private static Deadline soon() {
    return Deadline.in(PATIENCE);
  }

  private static Deadline brief() {
    return Deadline.in(Duration.ofMillis(20));
  }

  /** A clock that stands still until told. */
  private static final class TestClock extends Clock {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void advance(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
