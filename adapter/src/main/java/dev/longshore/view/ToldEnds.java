package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import dev.longshore.view.Ledger.Question;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends that Docker tells and is slow to describe. It tells an end before it has cleaned up, and
 * answers no question about the container until it has: seconds, when hundreds end at once. What
 * the event says is shown then, until the inspection is answered. Thread-safe.
 */
final class ToldEnds implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ToldEnds.class);

  private final Ledger ledger;
  private final Duration patience;
  private final Consumer<EngineContainer> beforeExit;
  private final Waiters waiters = new Waiters();

  /** Containers that have been short of memory since their start. */
  private final Set<ContainerId> oom = ConcurrentHashMap.newKeySet();

  /**
   * None yet.
   *
   * @param patience how long an inspection may take before the event's word is shown
   * @param beforeExit what is done with an ended container before it is shown; may wait
   */
  ToldEnds(Ledger ledger, Duration patience, Consumer<EngineContainer> beforeExit) {
    this.ledger = ledger;
    this.patience = patience;
    this.beforeExit = beforeExit;
  }

  /** Takes note of any event of a container; never waits. */
  void heard(ContainerId id, String action) {
    switch (action) {
      case "oom" -> {
        oom.removeIf(other -> !ledger.knows(other));
        oom.add(id);
      }
      case "start", "destroy" -> oom.remove(id);
      default -> {}
    }
  }

  /**
   * Has the end shown that {@code die} tells, unless a question asked from now on is answered in
   * time. Never waits.
   */
  void told(ContainerId id, EngineEvent die) {
    Optional<Integer> code = exitCode(die);
    if (code.isEmpty()) {
      return;
    }
    Question question = ledger.ask();
    End end = new End(Instant.ofEpochSecond(0, die.timeNanos()), code.get(), oom.contains(id));
    waiters.start("told-end", () -> show(question, id, end));
  }

  @Override
  public void close() {
    waiters.close();
  }

  private void show(Question question, ContainerId id, End end) {
    try (question) {
      long start = System.nanoTime();
      Optional<Entry> ended = question.known(id).flatMap(end::of);
      if (ended.isEmpty()) {
        return;
      }
      beforeExit.accept(ended.get().engine());
      Thread.sleep(patience.minusNanos(System.nanoTime() - start));
      question
          .known(id)
          .flatMap(end::of)
          .ifPresent(
              entry -> {
                question.answer(entry);
                log.debug("the end of container {} is shown as it was told", id.shortForm());
              });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.error("the end of container {} is shown when Docker describes it", id, e);
    }
  }

  private static Optional<Integer> exitCode(EngineEvent die) {
    try {
      return Optional.of(Integer.valueOf(die.attributes().getOrDefault("exitCode", "")));
    } catch (NumberFormatException e) {
      return Optional.empty(); // The inspection will tell.
    }
  }

  private record End(Instant when, int exitCode, boolean oom) {
    /** The entry ended; empty for one that runs since then, or has ended. */
    Optional<Entry> of(Entry entry) {
      return entry.engine().state() instanceof Running(_, Instant startedAt, _)
              && startedAt.isBefore(when)
          ? Optional.of(
              entry.in(new Exited(Optional.of(startedAt), when, exitCode, oom, /* error= */ "")))
          : Optional.empty();
    }
  }
}
