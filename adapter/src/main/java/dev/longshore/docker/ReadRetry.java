package dev.longshore.docker;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.util.function.Function;

/**
 * Asks a question a second time when its connection failed, at once: a daemon that was restarted
 * leaves broken connections behind, which the first try clears away. What changes something is
 * never repeated, since nobody knows how far it got.
 */
final class ReadRetry implements CallPolicy {
  private static final int ATTEMPTS = 2;

  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    if (call.kind().sort() != EngineCall.Sort.READ) {
      return next.apply(deadline);
    }
    RetryConfig config =
        RetryConfig.custom()
            .maxAttempts(ATTEMPTS)
            .intervalFunction(_ -> 0L)
            .retryOnException(failure -> !deadline.passed() && isBrokenConnection(failure))
            .build();
    return Retry.of(call.kind().word(), config).executeSupplier(() -> next.apply(deadline));
  }

  private static boolean isBrokenConnection(Throwable failure) {
    return failure instanceof CriException known
        && known.kind() == Kind.UNAVAILABLE
        && !(known.getCause() instanceof CallNotPermittedException);
  }
}
