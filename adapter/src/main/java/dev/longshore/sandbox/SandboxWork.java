package dev.longshore.sandbox;

import dev.longshore.common.Deadline;
import dev.longshore.common.KeyedLocks;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who works on which sandbox, by Docker name: one changes it at a time, and one that is being made
 * is nobody else's business until it is complete. Thread-safe.
 */
public final class SandboxWork {
  private final KeyedLocks<String> locks = new KeyedLocks<>("pod sandbox");
  private final Set<String> making = ConcurrentHashMap.newKeySet();

  /**
   * Keeps others from changing the sandbox until the answer is closed.
   *
   * @throws dev.longshore.common.CriException TIMED_OUT, CANCELLED
   */
  KeyedLocks.Held lock(String dockerName, Deadline deadline) {
    return locks.lock(dockerName, deadline);
  }

  /** Hides the sandbox from lists until the answer is closed; the caller holds its lock. */
  Making making(String dockerName) {
    making.add(dockerName);
    return () -> making.remove(dockerName);
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
