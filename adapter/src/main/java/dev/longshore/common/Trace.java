package dev.longshore.common;

import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * What is being done, told to whoever records it. While nobody does, each step is a look at a
 * field. A step is recorded within a call that is recorded, and nowhere else. Thread-safe.
 */
public final class Trace {
  private static final ScopedValue<Span> CURRENT = ScopedValue.newInstance();
  private static volatile Optional<Recorder> recorder = Optional.empty();

  private Trace() {}

  /** Who asked for a step, in OpenTelemetry's words. */
  public enum Kind {
    /** A call by somebody else. */
    SERVER,
    /** A request of ours to somebody else. */
    CLIENT,
    /** Work of our own. */
    INTERNAL
  }

  /** Records steps. Thread-safe; must not wait. */
  public interface Recorder {
    /**
     * A call begins.
     *
     * @param traceparent the caller's, as W3C Trace Context writes it; empty for none
     * @param important whether to record a call whose caller does not say
     * @return empty when this call is not recorded
     */
    Optional<Span> call(String name, String traceparent, boolean important);
  }

  /** A step being recorded. Thread-safe. */
  public interface Span {
    /** A step within this one begins. */
    Span step(String name, Kind kind);

    /** {@code failure} is empty when all went well. */
    void end(Optional<String> failure);
  }

  /** From now on calls are told to {@code to}; empty for nobody. */
  public static void recordBy(Optional<Recorder> to) {
    recorder = to;
  }

  /** Whether calls are recorded at all. */
  public static boolean isOn() {
    return recorder.isPresent();
  }

  /** Does the work of a call; see {@link Recorder#call}. */
  public static <T> T call(String name, String traceparent, boolean important, Callable<T> work)
      throws Exception {
    Optional<Span> span = recorder.flatMap(to -> to.call(name, traceparent, important));
    return span.isEmpty() ? work.call() : within(span.get(), work::call);
  }

  /** Does a step of the call that the current thread works for, if there is one. */
  public static <T, X extends Exception> T step(
      String name, Kind kind, ScopedValue.CallableOp<T, X> work) throws X {
    return CURRENT.isBound() ? within(CURRENT.get().step(name, kind), work) : work.call();
  }

  /** The work, for another thread that does it for the current call. */
  static <T> Callable<T> carried(Callable<T> work) {
    if (!CURRENT.isBound()) {
      return work;
    }
    Span span = CURRENT.get();
    return () -> ScopedValue.where(CURRENT, span).call(work::call);
  }

  private static <T, X extends Throwable> T within(Span span, ScopedValue.CallableOp<T, X> work)
      throws X {
    Optional<String> failure = Optional.of("interrupted");
    try {
      T result = ScopedValue.where(CURRENT, span).call(work);
      failure = Optional.empty();
      return result;
    } catch (Throwable e) {
      failure = Optional.of(String.valueOf(e.getMessage()));
      throw e;
    } finally {
      span.end(failure);
    }
  }
}
