package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.view.Ledger.Question;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Docker about containers and enters the answers in the ledger. Thread-safe. */
final class Inspector implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Inspector.class);
  private static final int WORKERS = 8;

  private final DockerEngine engine;
  private final Ledger ledger;
  private final Mutations mutations;
  private final Duration timeout;
  private final InspectQueue queue = new InspectQueue(WORKERS, this::tryLookAside);

  /** Those that wait before the end of a container is told; they hold up no worker. */
  private final Waiters ends = new Waiters();

  /** Containers whose last inspection in the background failed. */
  private final Set<ContainerId> failed = ConcurrentHashMap.newKeySet();

  private volatile Consumer<EngineContainer> beforeExit = _ -> {};

  /** {@code timeout} bounds each inspection in the background. */
  Inspector(DockerEngine engine, Ledger ledger, Mutations mutations, Duration timeout) {
    this.engine = engine;
    this.ledger = ledger;
    this.mutations = mutations;
    this.timeout = timeout;
  }

  /** What is done with an ended container before anybody is told; may wait for some moments. */
  void beforeExit(Consumer<EngineContainer> step) {
    beforeExit = step;
  }

  /** Inspects now, on this thread, for whoever made the container what it is. */
  Optional<EngineContainer> refresh(ContainerId id, Deadline deadline) {
    try (Question question = ledger.ask()) {
      Optional<EngineContainer> seen = engine.inspect(id.value(), deadline);
      seen.ifPresent(this::settle);
      question.answer(id, seen);
      return seen;
    }
  }

  /** Has the container inspected in the background, again and again until Docker answers. */
  void offer(ContainerId id) {
    queue.offer(id);
  }

  /** Has those inspected again that Docker did not answer for. */
  void retryFailed() {
    failed.forEach(queue::offer);
  }

  /** Whether nothing is being inspected in the background on account of an event. */
  boolean idle() {
    return queue.idle() && ends.isEmpty();
  }

  /**
   * Inspects all, at most {@code parallel} at a time, and returns once each has been answered or
   * failed; those that failed stay as they were and are {@linkplain #retryFailed tried again}.
   */
  Map<ContainerId, CriException> inspectAll(Collection<ContainerId> ids, int parallel) {
    Queue<ContainerId> left = new ConcurrentLinkedQueue<>(ids);
    Map<ContainerId, CriException> failures = new ConcurrentHashMap<>();
    try (ExecutorService runners = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < parallel; i++) {
        runners.execute(() -> inspectWhileAny(left, failures));
      }
    }
    return failures;
  }

  @Override
  public void close() {
    queue.close();
    ends.close();
  }

  private void inspectWhileAny(Queue<ContainerId> left, Map<ContainerId, CriException> failures) {
    @Nullable ContainerId id = left.poll();
    while (id != null) {
      ContainerId mine = id;
      tryLook(mine).ifPresent(failure -> failures.put(mine, failure));
      id = left.poll();
    }
  }

  private Optional<CriException> tryLook(ContainerId id) {
    return tryLook(id, this::settleAndAnswer);
  }

  /** As the other, but a worker goes on while the end of a container waits to be told. */
  private void tryLookAside(ContainerId id) {
    var _ = tryLook(id, this::answerAside);
  }

  /** {@code answer} says whether the question goes on after it, and is closed by somebody else. */
  private Optional<CriException> tryLook(
      ContainerId id, BiPredicate<Question, EngineContainer> answer) {
    Question question = ledger.ask();
    boolean goesOn = false;
    try {
      Optional<EngineContainer> seen = engine.inspect(id.value(), Deadline.in(timeout));
      failed.remove(id);
      if (seen.isEmpty()) {
        question.answer(id, seen);
      } else if (!heldBack(question, id, seen)) {
        goesOn = answer.test(question, seen.get());
      }
      return Optional.empty();
    } catch (CriException e) {
      return Optional.of(failed(id, e));
    } catch (RuntimeException e) {
      return Optional.of(failed(id, unexpected(id, e)));
    } finally {
      if (!goesOn) {
        question.close();
      }
    }
  }

  private boolean settleAndAnswer(Question question, EngineContainer seen) {
    settle(seen);
    question.answer(seen.id(), Optional.of(seen));
    return false;
  }

  private boolean answerAside(Question question, EngineContainer seen) {
    if (!(seen.state() instanceof EngineState.Exited)) {
      return settleAndAnswer(question, seen);
    }
    ends.start("end", () -> tellEnd(question, seen));
    return true;
  }

  private void tellEnd(Question question, EngineContainer seen) {
    try (question) {
      boolean _ = settleAndAnswer(question, seen);
    } catch (RuntimeException e) {
      var _ = failed(seen.id(), unexpected(seen.id(), e));
    }
  }

  private static CriException unexpected(ContainerId id, RuntimeException cause) {
    return new CriException(Kind.INTERNAL, "cannot inspect container " + id, cause);
  }

  /**
   * Does with an ended container what is done before anybody is told; may wait for some moments.
   */
  void settle(EngineContainer seen) {
    if (seen.state() instanceof EngineState.Exited) {
      beforeExit.accept(seen);
    }
  }

  /** A container that is being made is shown by its maker, when it is complete. */
  private boolean heldBack(Question question, ContainerId id, Optional<EngineContainer> seen) {
    return !ledger.knows(id)
        && seen.filter(c -> mutations.holdBack(c.name(), id, question.asSighting())).isPresent();
  }

  private CriException failed(ContainerId id, CriException failure) {
    if (failed.add(id) && Trouble.isNews(failure)) {
      log.warn(
          "container {} is shown as it was, and asked for again: {}", id, failure.getMessage());
    }
    return failure;
  }
}
