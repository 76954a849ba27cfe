package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.ListedContainer;
import dev.longshore.view.Ledger.Question;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the ledger up to date without events. One thread at a time. */
final class Relist {
  private static final Logger log = LoggerFactory.getLogger(Relist.class);

  /** At once, since nobody can read until all have answered. */
  private static final int PARALLEL_SYNC = 8;

  /** Gently, beside the daily work. */
  private static final int PARALLEL_HEAL = 2;

  /** What agrees with the list is inspected with one in so many lists only. */
  private static final int TURNS = 5;

  /** After so many attempts, a container that Docker does not answer for is left aside. */
  private static final int PATIENCE = 3;

  private final DockerEngine engine;
  private final Ledger ledger;
  private final Mutations mutations;
  private final Inspector inspector;
  private final Duration timeout;
  private final Map<ContainerId, Integer> timeouts = new HashMap<>();
  private int turn;

  /** For readers on other threads. */
  private volatile Set<ContainerId> lastListed = Set.of();

  Relist(
      DockerEngine engine,
      Ledger ledger,
      Mutations mutations,
      Inspector inspector,
      Duration timeout) {
    this.engine = engine;
    this.ledger = ledger;
    this.mutations = mutations;
    this.inspector = inspector;
    this.timeout = timeout;
  }

  /**
   * Lists and inspects every container.
   *
   * @throws CriException when Docker does not answer for all of them. After some attempts it is
   *     enough that it answers for most: one container stuck in the daemon must not take the node
   *     away for ever.
   */
  void sync() {
    List<ContainerId> listed = list().stream().map(ListedContainer::id).toList();
    Map<ContainerId, CriException> failures = inspector.inspectAll(listed, PARALLEL_SYNC);
    failures.forEach(this::count);
    boolean most = failures.size() * 2 <= listed.size();
    failures.forEach(
        (id, failure) -> {
          if (!most || timeouts.getOrDefault(id, 0) < PATIENCE) {
            throw failure;
          }
          log.warn("container {} is left aside: {}", id, failure.getMessage());
        });
    timeouts.clear();
  }

  /** What Docker listed last, whether it answers for it or not. */
  Set<ContainerId> lastListed() {
    return lastListed;
  }

  /**
   * Lists, and inspects what is not as it is shown, with the others by turns, but nothing that a
   * mutation is at; failures are logged and made good later.
   */
  void heal() {
    try {
      turn = (turn + 1) % TURNS;
      List<ContainerId> idle =
          list().stream()
              .filter(listed -> hasItsTurn(listed.id()) || !isShown(listed))
              .map(ListedContainer::id)
              .filter(id -> !heldBack(id))
              .toList();
      Map<ContainerId, CriException> failures = inspector.inspectAll(idle, PARALLEL_HEAL);
      log.debug("relisted {} containers, {} did not answer", idle.size(), failures.size());
    } catch (CriException e) {
      if (Trouble.isNews(e)) {
        log.warn("cannot list containers to check what is known of them: {}", e.getMessage());
      }
    }
  }

  /** What is listed; what is known and not listed is gone. */
  private List<ListedContainer> list() {
    try (Question question = ledger.ask()) {
      List<ListedContainer> listed = engine.list(KubeLabels.TYPE, Deadline.in(timeout));
      lastListed = listed.stream().map(ListedContainer::id).collect(Collectors.toUnmodifiableSet());
      Set<ContainerId> missing = new HashSet<>(ledger.known());
      missing.removeAll(lastListed);
      missing.stream()
          .filter(id -> !heldBack(id))
          .forEach(id -> question.answer(id, Optional.empty()));
      return listed;
    }
  }

  private boolean hasItsTurn(ContainerId id) {
    return Math.floorMod(id.hashCode(), TURNS) == turn;
  }

  private boolean isShown(ListedContainer listed) {
    return ledger
        .current()
        .entry(listed.id())
        .filter(entry -> listed.agreesWith(entry.engine()))
        .isPresent();
  }

  /** Whether a mutation is at the container; it is then inspected when that ends. */
  private boolean heldBack(ContainerId id) {
    return ledger
        .current()
        .entry(id)
        .map(entry -> entry.engine().name())
        .filter(name -> mutations.holdBack(name, id, ledger.sighted(Long.MAX_VALUE)))
        .isPresent();
  }

  private void count(ContainerId id, CriException failure) {
    if (failure.kind() == Kind.TIMED_OUT) {
      timeouts.merge(id, 1, Integer::sum);
    }
  }
}
