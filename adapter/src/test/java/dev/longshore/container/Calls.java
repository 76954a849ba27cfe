package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls that fail, and calls made at the same time. */
final class Calls {
  private Calls() {}

  static AbstractThrowableAssert<?, ? extends Throwable> assertFails(
      Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }

  /** Runs the call on a thread of its own. */
  static <T> InBackground<T> inBackground(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    result.complete(call.call());
                  } catch (Exception e) {
                    result.completeExceptionally(e);
                  }
                });
    return new InBackground<>(thread, result);
  }

  /** A call under way. */
  record InBackground<T>(Thread thread, CompletableFuture<T> result) {
    /** Its answer, or what it threw. */
    T get() throws Exception {
      try {
        return result.get(20, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof Exception cause ? cause : e;
      } catch (TimeoutException e) {
        throw new AssertionError("the call did not return", e);
      }
    }

    /** Interrupts it, as the edge does when its caller goes away. */
    void cancel() {
      thread.interrupt();
    }
  }
}
