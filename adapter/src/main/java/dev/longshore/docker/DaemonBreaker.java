package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves a daemon alone that hangs or is away: after two such failures among the last three calls
 * every call fails at once, until a ping, tried by the first caller after a pause, is answered.
 */
final class DaemonBreaker implements CallPolicy {
  private static final Logger log = LoggerFactory.getLogger(DaemonBreaker.class);
  private static final int WINDOW = 3;
  private static final int ENOUGH = 2;

  /** Two of three, and two of two, but not one of two. */
  private static final float THRESHOLD = 60;

  private final EngineLimits limits;
  private final Consumer<Deadline> ping;
  private final Clock clock;
  private final CircuitBreaker breaker;
  private final AtomicReference<Optional<Outage>> outage = new AtomicReference<>(Optional.empty());

  /** {@code ping} asks the daemon for a sign of life, past this policy. */
  DaemonBreaker(EngineLimits limits, Consumer<Deadline> ping, Clock clock) {
    this.limits = limits;
    this.ping = ping;
    this.clock = clock;
    this.breaker =
        CircuitBreaker.of(
            "docker",
            CircuitBreakerConfig.custom()
                .slidingWindow(WINDOW, ENOUGH, SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(THRESHOLD)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitDurationInOpenState(limits.pause())
                .clock(clock)
                .build());
  }

  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    enter(call);
    if (breaker.getState() == State.HALF_OPEN && call.kind() != EngineCall.Kind.PING) {
      probe(call, deadline);
      enter(call);
    }
    return recorded(call, () -> next.apply(deadline));
  }

  private void enter(EngineCall call) {
    try {
      breaker.acquirePermission();
    } catch (CallNotPermittedException e) {
      throw away(call, e);
    }
  }

  private void probe(EngineCall call, Deadline deadline) {
    Deadline soon = deadline.atMost(limits.probe());
    try {
      boolean _ =
          recorded(
              new EngineCall(EngineCall.Kind.PING, ""),
              () -> {
                ping.accept(soon);
                return true;
              });
    } catch (CriException e) {
      throw e.kind() == Kind.TIMED_OUT || e.kind() == Kind.UNAVAILABLE ? away(call, e) : e;
    }
  }

  private CriException away(EngineCall call, RuntimeException cause) {
    Outage now = outage.get().orElse(new Outage(clock.instant(), "it is being asked again", false));
    return new CriException(
        Kind.UNAVAILABLE,
        "cannot %s: Docker has not answered since %s (%s); it is asked again every %d ms"
            .formatted(call, now.since(), now.reason(), limits.pause().toMillis()),
        cause);
  }

  private <T> T recorded(EngineCall call, Supplier<T> request) {
    long start = System.nanoTime();
    try {
      T result = request.get();
      answered(System.nanoTime() - start);
      return result;
    } catch (CriException e) {
      record(call, System.nanoTime() - start, e);
      throw e;
    } catch (RuntimeException | Error e) {
      breaker.releasePermission();
      throw e;
    }
  }

  private void record(EngineCall call, long nanos, CriException failure) {
    switch (failure.kind()) {
      case INVALID, NOT_FOUND, ALREADY_EXISTS, NOT_READY, INTERNAL -> answered(nanos);
      case CANCELLED, EXHAUSTED, UNSUPPORTED, NAMED -> breaker.releasePermission();
      case UNAVAILABLE -> {
        // A pull may be UNAVAILABLE when its registry is.
        if (call.kind() == EngineCall.Kind.PULL) {
          breaker.releasePermission();
        } else {
          failed(nanos, failure);
        }
      }
      case TIMED_OUT -> {
        if (blamesDaemon(call, nanos)) {
          failed(nanos, failure);
        } else {
          breaker.releasePermission();
        }
      }
    }
  }

  /** A command may last as it likes; and a probe that is not answered needs no longer wait. */
  private boolean blamesDaemon(EngineCall call, long nanos) {
    return call.kind().sort() != EngineCall.Sort.STREAM
        && (nanos >= limits.hang().toNanos() || breaker.getState() == State.HALF_OPEN);
  }

  private void answered(long nanos) {
    breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
    if (breaker.getState() == State.CLOSED) {
      outage
          .getAndSet(Optional.empty())
          .filter(Outage::announced)
          .ifPresent(
              past -> log.info("Docker answers again, for the first time since {}", past.since()));
    }
  }

  private void failed(long nanos, CriException failure) {
    String reason = failure.getMessage();
    Outage now =
        outage
            .updateAndGet(
                known ->
                    Optional.of(
                        known
                            .map(earlier -> earlier.because(reason))
                            .orElse(new Outage(clock.instant(), reason, false))))
            .orElseThrow();
    breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
    if (breaker.getState() == State.OPEN && !now.announced()) {
      log.warn("Docker is left alone for now: {}", reason);
      outage.updateAndGet(known -> known.map(Outage::said));
    }
  }

  /** The failures since the last answer. */
  private record Outage(Instant since, String reason, boolean announced) {
    Outage because(String latest) {
      return new Outage(since, latest, announced);
    }

    Outage said() {
      return new Outage(since, reason, true);
    }
  }
}
