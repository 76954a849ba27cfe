package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the snapshot true: follows Docker's events, lists on every connection and every minute,
 * inspects what an event names. Thread-safe.
 */
public final class View implements AutoCloseable {
  /** How far back events are asked for at first: what happened while we connect. */
  private static final Duration OVERLAP = Duration.ofSeconds(1);

  private final Pace pace;
  private final Ledger ledger;
  private final Mutations mutations = new Mutations();
  private final Inspector inspector;
  private final ToldEnds ends;
  private final HealthBoard board;
  private final Connection.Parts parts;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread follower;

  /**
   * A view that is not yet connected.
   *
   * @param beforeSynced called with the first snapshot of every connection, before readers see it;
   *     may block, and is interrupted when the connection is lost; what it throws counts as a
   *     failure of the connection, which is then tried again
   * @param imageEvents hears every image event, and once with each connection an event of action
   *     {@code connect}, on the event thread; must not block
   */
  public View(
      DockerEngine engine, Consumer<Snapshot> beforeSynced, Consumer<EngineEvent> imageEvents) {
    this(engine, beforeSynced, imageEvents, InstantSource.system(), Pace.NORMAL);
  }

  View(
      DockerEngine engine,
      Consumer<Snapshot> beforeSynced,
      Consumer<EngineEvent> imageEvents,
      InstantSource clock,
      Pace pace) {
    this.pace = pace;
    ledger = new Ledger(clock, System::nanoTime);
    inspector = new Inspector(engine, ledger, mutations, pace.inspectTimeout());
    ends = new ToldEnds(ledger, pace.endPatience(), inspector::settle);
    board = new HealthBoard(clock);
    Instant since = clock.instant().minus(OVERLAP);
    parts =
        new Connection.Parts(
            engine,
            clock,
            pace,
            ledger,
            inspector,
            new Relist(engine, ledger, mutations, inspector, pace.listTimeout()),
            new EventReader(ledger, mutations, inspector, ends, imageEvents, since),
            board,
            beforeSynced);
    follower = Thread.ofVirtual().name("docker-view").unstarted(this::follow);
  }

  /** Starts following Docker, on threads of its own; returns at once. Once only. */
  public void start() {
    follower.start();
  }

  /**
   * What is known now, without waiting.
   *
   * @throws dev.longshore.common.CriException UNAVAILABLE while Docker is away or not yet listed
   */
  public Snapshot snapshot() {
    board.requireReady();
    return ledger.current();
  }

  /**
   * All of the kubelet's containers that Docker listed last, those included which it does not
   * describe and which the snapshot leaves out.
   */
  public Set<ContainerId> listed() {
    return parts.relist().lastListed();
  }

  /** Announces a change to the container of that Docker name. */
  public Mutation mutate(String dockerName) {
    mutations.begin(dockerName);
    return new Opened(dockerName);
  }

  /** How things stand with Docker; never waits. */
  public EngineHealth health() {
    return board.current();
  }

  /** From now on {@code listener} hears every change. */
  public void addListener(ChangeListener listener) {
    ledger.changes().add(listener);
  }

  /**
   * From now on every container that Docker says has ended is given to {@code step} before anybody
   * is told of it; more than once, perhaps. It may wait for some moments; others are not held up.
   */
  public void beforeExit(Consumer<EngineContainer> step) {
    inspector.beforeExit(step);
  }

  /** Ends what {@link #addListener} began; a change just being told may still arrive. */
  public void removeListener(ChangeListener listener) {
    ledger.changes().remove(listener);
  }

  /** Whether everything heard so far has been looked at. */
  boolean settled() {
    return inspector.idle();
  }

  @Override
  public void close() {
    closed.countDown();
    follower.interrupt();
    inspector.close();
    ends.close();
    board.away(Trouble.CLOSED);
  }

  private void follow() {
    Duration pause = pace.firstPause();
    try {
      do {
        boolean synced = new Connection(parts).run();
        pause = synced ? pace.firstPause() : pace.pauseAfter(pause);
      } while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      board.away(Trouble.CLOSED); // Nobody but close interrupts this thread.
    }
  }

  private final class Opened implements Mutation {
    private final String name;
    private boolean open = true;

    private Opened(String name) {
      this.name = name;
    }

    @Override
    public void created(EngineContainer fresh) {
      try (Ledger.Question question = ledger.ask()) {
        question.answer(fresh.id(), Optional.of(fresh));
      }
    }

    @Override
    public Optional<EngineContainer> refresh(ContainerId id, Deadline deadline) {
      boolean answered = false;
      try {
        Optional<EngineContainer> seen = inspector.refresh(id, deadline);
        answered = true;
        return seen;
      } finally {
        if (!answered) {
          // Whatever the caller makes of it: the view must learn how the container stands.
          mutations.holdBack(name, id, ledger.sighted(Long.MAX_VALUE));
        }
      }
    }

    @Override
    public void close() {
      if (!open) {
        return;
      }
      open = false;
      mutations
          .end(name)
          .forEach(
              (id, sighting) -> {
                if (!ledger.covers(id, sighting)) {
                  inspector.offer(id);
                }
              });
    }
  }
}
