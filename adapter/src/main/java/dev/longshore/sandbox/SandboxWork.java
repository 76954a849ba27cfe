package dev.longshore.sandbox;

import dev.longshore.common.Deadline;
import dev.longshore.common.KeyedLocks;
import dev.longshore.metrics.Source;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Who works on which sandbox, by Docker name: one changes it at a time, and one that is being made
 * is nobody else's business until it is complete. Thread-safe.
 */
public final class SandboxWork {
  private final KeyedLocks<String> locks = new KeyedLocks<>("pod sandbox");
  private final Set<String> making = ConcurrentHashMap.newKeySet();
  private final Stages stages = new Stages(System::nanoTime);
  private final AtomicLong changes = new AtomicLong();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

  /**
   * Keeps others from changing the sandbox until the answer is closed.
   *
   * @throws dev.longshore.common.CriException TIMED_OUT, CANCELLED
   */
  KeyedLocks.Held lock(String dockerName, Deadline deadline) {
    return locks.lock(dockerName, deadline);
  }

  /** From now on {@code listener} hears the Docker name of what has been made; must not block. */
  public void onMade(Consumer<String> listener) {
    listeners.add(listener);
  }

  /** Hides the sandbox from lists until the answer is closed; the caller holds its lock. */
  Making making(String dockerName) {
    making.add(dockerName);
    changes.incrementAndGet();
    return () -> {
      making.remove(dockerName);
      changes.incrementAndGet();
      listeners.forEach(listener -> listener.accept(dockerName));
    };
  }

  /** Where each sandbox is that is being made. */
  Stages stages() {
    return stages;
  }

  /** The sandboxes that are being made, as metrics. */
  public Source figures() {
    return stages;
  }

  /** Grows after each change of what {@link #isBeingMade} answers. */
  long changes() {
    return changes.get();
  }

  /** Whether RunPodSandbox is at work on it, in this process. */
  boolean isBeingMade(String dockerName) {
    return making.contains(dockerName);
  }

  /** A sandbox that is being made. */
  @FunctionalInterface
  interface Making extends AutoCloseable {
    @Override
    void close();
  }
}
