package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ExecSpec;
import dev.longshore.docker.FakeDockerEngine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A view on a fake daemon. Nothing in it happens by the passing of time unless a test says so. */
final class ViewRig implements AutoCloseable {
  private static final Duration NEVER = Duration.ofDays(1);

  /** Only failures to connect are timed, and those wait a moment only. */
  static final Pace STILL =
      new Pace(
          NEVER,
          NEVER,
          NEVER,
          NEVER,
          NEVER,
          NEVER,
          NEVER,
          Duration.ofMillis(1),
          Duration.ofMillis(5));

  final FakeDockerEngine fake = new FakeDockerEngine();
  final Probe probe = new Probe(fake);
  final List<String> imageActions = new CopyOnWriteArrayList<>();
  final List<Snapshot> firstSnapshots = new CopyOnWriteArrayList<>();
  volatile Consumer<Snapshot> beforeSynced = _ -> {};
  volatile Consumer<EngineEvent> onImageEvent = _ -> {};
  final View view;
  private int markers;

  ViewRig() {
    this(STILL);
  }

  ViewRig(Pace pace) {
    this(pace, InstantSource.system());
  }

  ViewRig(Pace pace, InstantSource clock) {
    fake.addImage(Samples.IMAGE);
    view = new View(probe.engine(), this::beforeSynced, this::image, clock, pace);
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  static Pace relistingEvery(Duration time) {
    return new Pace(NEVER, NEVER, NEVER, time, NEVER, NEVER, NEVER, STILL.firstPause(), NEVER);
  }

  static Pace pingingEvery(Duration time, Duration timeout) {
    return new Pace(
        time,
        timeout,
        NEVER,
        NEVER,
        NEVER,
        timeout,
        NEVER,
        STILL.firstPause(),
        STILL.longestPause());
  }

  /** Inspections of ended containers are waited for no longer than that. */
  static Pace believingEndsAfter(Duration patience) {
    return new Pace(NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, patience, STILL.firstPause(), NEVER);
  }

  /** Starts, and returns once the view is true and every event so far has been dealt with. */
  void startSynced() {
    view.start();
    awaitSynced();
    settle();
  }

  /** Returns once every event so far has been dealt with. */
  void settle() {
    ContainerId marker = fake.createBehind(Samples.spec("marker" + markers++, Map.of()));
    awaitDelivered("create", marker);
    Eventually.until("all has been inspected", view::settled);
  }

  void awaitSynced() {
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  void awaitAway() {
    Eventually.until("Docker is known to be away", () -> !view.health().ready());
  }

  void awaitDelivered(String action, ContainerId id) {
    Eventually.until(action + " is delivered", () -> probe.delivered(action, id.value()));
  }

  void awaitState(ContainerId id, Class<? extends EngineState> state) {
    Eventually.until(id.shortForm() + " is " + state.getSimpleName(), () -> is(id, state));
  }

  boolean is(ContainerId id, Class<? extends EngineState> state) {
    return view.snapshot().entry(id).filter(e -> state.isInstance(e.engine().state())).isPresent();
  }

  void exec(ContainerId id) {
    String exec = fake.createExec(id, new ExecSpec(List.of("true"), false, false), soon());
    fake.runExec(exec, _ -> {}, _ -> {}, soon());
  }

  @Override
  public void close() {
    probe.releaseEvents();
    fake.resume();
    view.close();
  }

  private void beforeSynced(Snapshot snapshot) {
    beforeSynced.accept(snapshot);
    firstSnapshots.add(snapshot);
  }

  private void image(EngineEvent event) {
    imageActions.add(event.action());
    onImageEvent.accept(event);
  }
}
