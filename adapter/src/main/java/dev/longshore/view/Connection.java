package dev.longshore.view;

import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription to Docker's events and what goes with it, on three threads: one reads events;
 * one lists, tells that the view is true, and lists again from time to time; one asks for signs of
 * life. The first that fails ends all. Used once.
 */
final class Connection {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);
  private static final int MISSES = 2;
  private static final Duration JOIN = Duration.ofSeconds(10);

  private final Parts parts;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Makes "ended" and what the board says change together. */
  private final ReentrantLock verdict = new ReentrantLock();

  private volatile boolean synced;

  Connection(Parts parts) {
    this.parts = parts;
  }

  /** What a connection works with; outlives it. */
  record Parts(
      DockerEngine engine,
      InstantSource clock,
      Pace pace,
      Ledger ledger,
      Inspector inspector,
      Relist relist,
      EventReader events,
      HealthBoard board,
      Consumer<Snapshot> beforeSynced) {}

  /** Runs until something fails; true when the view was true meanwhile. */
  boolean run() throws InterruptedException {
    List<Thread> threads =
        List.of(
            start("docker-events", this::followEvents),
            start("docker-lists", this::keepListed),
            start("docker-pulse", this::feelPulse));
    try {
      ended.await();
    } finally {
      end(Trouble.CLOSED);
      threads.forEach(Thread::interrupt);
    }
    for (Thread thread : threads) {
      if (!thread.join(JOIN)) {
        log.warn("thread {} does not end although Docker is away", thread.getName());
      }
    }
    return synced;
  }

  private void followEvents() {
    parts.engine.followEvents(
        parts.events.since(),
        () -> {
          parts.board.heard();
          parts.events.connected(parts.clock.instant());
          opened.countDown();
        },
        event -> {
          parts.board.heard(Instant.ofEpochSecond(0, event.timeNanos()));
          parts.events.accept(event);
        });
    end(new Trouble("DockerUnreachable", "Docker's event stream ended"));
  }

  private void keepListed() throws InterruptedException {
    if (!await(opened, parts.pace.openTimeout())) {
      end(
          Trouble.silent(
              "Docker did not open its event stream within " + parts.pace.openTimeout()));
      return;
    }
    parts.board.described(parts.engine.info(Deadline.in(parts.pace.listTimeout())));
    parts.relist.sync();
    parts.beforeSynced.accept(parts.ledger.current());
    tellSynced();
    while (!await(ended, parts.pace.relistEvery())) {
      parts.relist.heal();
    }
  }

  private void feelPulse() throws InterruptedException {
    int misses = 0;
    while (!await(ended, parts.pace.pingEvery())) {
      try {
        parts.engine.ping(Deadline.in(parts.pace.pingTimeout()));
        misses = 0;
        parts.inspector.retryFailed();
      } catch (CriException e) {
        misses++;
        if (misses == MISSES) {
          end(
              Trouble.silent(
                  "Docker gave no sign of life %d times in a row: %s"
                      .formatted(MISSES, e.getMessage())));
        }
      }
    }
  }

  private Thread start(String name, Task task) {
    return Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              try {
                task.run();
              } catch (CriException e) {
                end(Trouble.of(e));
              } catch (InterruptedException e) {
                end(Trouble.CLOSED);
              } catch (RuntimeException e) {
                log.error("thread {} failed", name, e);
                end(new Trouble("InternalError", name + " failed: " + e));
              }
            });
  }

  private void tellSynced() {
    verdict.lock();
    try {
      if (ended.getCount() > 0) {
        synced = true;
        parts.board.ready(parts.ledger.current());
      }
    } finally {
      verdict.unlock();
    }
  }

  private void end(Trouble trouble) {
    verdict.lock();
    try {
      if (ended.getCount() > 0) {
        parts.board.away(trouble);
        ended.countDown();
      }
    } finally {
      verdict.unlock();
    }
  }

  private static boolean await(CountDownLatch latch, Duration time) throws InterruptedException {
    return latch.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  @FunctionalInterface
  private interface Task {
    void run() throws InterruptedException;
  }
}
