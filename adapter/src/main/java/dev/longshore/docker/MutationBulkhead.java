package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Lets only so many changes into the daemon at a time, in the order they come; the others wait
 * until their deadline. A stop with a grace is let in at once: it mostly waits for a process, and a
 * node that is drained has as many of them as pods.
 */
final class MutationBulkhead implements CallPolicy {
  /** A bulkhead's wait is fixed, a deadline is not: so the wait is made of slices. */
  private static final Duration SLICE = Duration.ofMillis(100);

  private final Bulkhead bulkhead;

  /** Held by the one who waits at the bulkhead: whoever waits anew is last in its queue. */
  private final Semaphore first = new Semaphore(1, true);

  MutationBulkhead(int limit) {
    this.bulkhead =
        Bulkhead.of(
            "docker",
            BulkheadConfig.custom()
                .maxConcurrentCalls(limit)
                .maxWaitDuration(SLICE)
                .fairCallHandlingStrategyEnabled(true)
                .build());
  }

  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    if (call.kind().sort() != EngineCall.Sort.MUTATION || !call.work().isZero()) {
      return next.apply(deadline);
    }
    enter(call, deadline);
    try {
      return next.apply(deadline);
    } finally {
      bulkhead.onComplete();
    }
  }

  private void enter(EngineCall call, Deadline deadline) {
    try {
      if (!first.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS)) {
        throw exhausted(call);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancelled(call);
    }
    try {
      awaitPermission(call, deadline);
    } finally {
      first.release();
    }
  }

  private void awaitPermission(EngineCall call, Deadline deadline) {
    while (!bulkhead.tryAcquirePermission()) {
      if (Thread.currentThread().isInterrupted()) {
        throw cancelled(call);
      }
      if (deadline.passed()) {
        throw exhausted(call);
      }
    }
  }

  private static CriException cancelled(EngineCall call) {
    return new CriException(Kind.CANCELLED, "cannot %s: the caller went away".formatted(call));
  }

  private CriException exhausted(EngineCall call) {
    return new CriException(
        Kind.EXHAUSTED,
        ("cannot %s: it waited until its deadline for one of the %d changes that Docker is"
                + " given at a time; Docker is slow, or --docker-max-calls too small")
            .formatted(call, bulkhead.getBulkheadConfig().getMaxConcurrentCalls()));
  }
}
