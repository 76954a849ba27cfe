package dev.longshore.view;

import static java.util.Objects.requireNonNull;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The current snapshot, and which question each of its entries answers. An answer is as old as its
 * question, so questions are numbered before they are asked, and an answer is dropped when a later
 * question about its container has been answered. Thread-safe; no I/O under the lock.
 */
final class Ledger {
  /** How many removed containers are remembered, so that their last events cost no request. */
  private static final int GRAVES = 512;

  /** How long after a question an event is compared with it by wall clock, which may be set. */
  private static final long TRUSTED_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final EntryDecoder decoder = new EntryDecoder();
  private final Changes changes = new Changes();
  private final ReentrantLock writer = new ReentrantLock();

  // Guarded by writer.
  private long lastNumber;
  private final TreeSet<Long> unanswered = new TreeSet<>();
  private final Map<ContainerId, Answer> answers = new HashMap<>();
  private final Set<ContainerId> graves = new LinkedHashSet<>();

  /** Written under the lock; publishes the snapshot to readers, who take none. */
  private volatile Snapshot current = Snapshot.EMPTY;

  /** {@code clock} is the daemon's clock too; {@code nanoTime} is monotonic. */
  Ledger(InstantSource clock, LongSupplier nanoTime) {
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  Snapshot current() {
    return current;
  }

  Changes changes() {
    return changes;
  }

  /** Numbers a question to Docker that is asked next. */
  Question ask() {
    writer.lock();
    try {
      long number = ++lastNumber;
      unanswered.add(number);
      return new Question(number, nanosOf(clock.instant()), nanoTime.getAsLong());
    } finally {
      writer.unlock();
    }
  }

  /** Notes that a container was heard of now; {@code eventNanos} is the daemon's time of it. */
  Sighting sighted(long eventNanos) {
    writer.lock();
    try {
      return new Sighting(lastNumber, eventNanos, nanoTime.getAsLong());
    } finally {
      writer.unlock();
    }
  }

  /** Whether the container is known to exist, be it left out of the snapshot. */
  boolean knows(ContainerId id) {
    return answer(id).filter(Answer::present).isPresent();
  }

  /** Whether the container is known to be gone. Ids do not come back. */
  boolean buried(ContainerId id) {
    return answer(id).filter(answer -> !answer.present).isPresent();
  }

  /** All containers known to exist. */
  List<ContainerId> known() {
    writer.lock();
    try {
      return answers.entrySet().stream()
          .filter(entry -> entry.getValue().present)
          .map(Map.Entry::getKey)
          .toList();
    } finally {
      writer.unlock();
    }
  }

  /**
   * Whether what is known of the container was asked after it was sighted. Either the sighting came
   * first; or it came soon after the question, and its event was before it by the wall clock.
   */
  boolean covers(ContainerId id, Sighting sighting) {
    return answer(id)
        .map(Answer::question)
        .filter(
            asked ->
                asked.number > sighting.lastNumber
                    || (asked.wallNanos >= sighting.eventNanos
                        && sighting.arrivedAt - asked.askedAt < TRUSTED_NANOS))
        .isPresent();
  }

  private Optional<Answer> answer(ContainerId id) {
    writer.lock();
    try {
      return Optional.ofNullable(answers.get(id));
    } finally {
      writer.unlock();
    }
  }

  private void apply(Question question, ContainerId id, boolean present, Optional<Entry> entry) {
    writer.lock();
    try {
      Answer last = answers.get(id);
      if (last != null && last.question.number > question.number) {
        return;
      }
      put(id, new Answer(question, present));
      Snapshot before = current;
      Snapshot after = entry.map(before::with).orElseGet(() -> before.without(id));
      if (after != before) {
        current = after;
        changes.record(before, after, id);
      }
    } finally {
      writer.unlock();
    }
    changes.tell();
  }

  private void put(ContainerId id, Answer answer) {
    answers.put(id, answer);
    graves.remove(id);
    if (!answer.present) {
      graves.add(id);
      decoder.forget(id);
    }
  }

  private void answered(Question question) {
    writer.lock();
    try {
      unanswered.remove(question.number);
      long oldest = unanswered.isEmpty() ? Long.MAX_VALUE : unanswered.first();
      Iterator<ContainerId> eldest = graves.iterator();
      while (graves.size() > GRAVES && eldest.hasNext()) {
        ContainerId id = eldest.next();
        if (requireNonNull(answers.get(id)).question.number >= oldest) {
          return; // An answer under way could still bring the container back.
        }
        eldest.remove();
        answers.remove(id);
      }
    } finally {
      writer.unlock();
    }
  }

  private static long nanosOf(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }

  /**
   * When a container was heard of.
   *
   * @param lastNumber of the last question before that
   * @param eventNanos the time the daemon gave it, since 1970; {@link Long#MAX_VALUE} for none
   * @param arrivedAt on the monotonic clock
   */
  record Sighting(long lastNumber, long eventNanos, long arrivedAt) {
    /** What covers the result covers both. */
    Sighting and(Sighting other) {
      return new Sighting(
          Math.max(lastNumber, other.lastNumber),
          Math.max(eventNanos, other.eventNanos),
          arrivedAt - other.arrivedAt > 0 ? arrivedAt : other.arrivedAt);
    }
  }

  /** A question to Docker: asked once, may be answered for several containers, always closed. */
  final class Question implements AutoCloseable {
    private final long number;
    private final long wallNanos;
    private final long askedAt;

    private Question(long number, long wallNanos, long askedAt) {
      this.number = number;
      this.wallNanos = wallNanos;
      this.askedAt = askedAt;
    }

    /** A sighting that only later questions cover. */
    Sighting asSighting() {
      return new Sighting(number, Long.MAX_VALUE, askedAt);
    }

    /** Puts the answer into the snapshot, unless a later question was answered first. */
    void answer(ContainerId id, Optional<EngineContainer> seen) {
      apply(this, id, seen.isPresent(), seen.flatMap(decoder::decode));
    }

    /** As the other, with what need not be decoded. */
    void answer(Entry entry) {
      apply(this, entry.id(), true, Optional.of(entry));
    }

    /** The container as it is shown, unless a later question about it has been answered. */
    Optional<Entry> known(ContainerId id) {
      writer.lock();
      try {
        Answer last = answers.get(id);
        return last != null && last.question.number < number ? current.entry(id) : Optional.empty();
      } finally {
        writer.unlock();
      }
    }

    @Override
    public void close() {
      answered(this);
    }
  }

  /** The last answer about a container; {@code present} is false for one that is gone. */
  private record Answer(Question question, boolean present) {}
}
