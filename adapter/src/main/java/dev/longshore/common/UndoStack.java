package dev.longshore.common;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps that take back work done so far. Closing runs them newest first unless {@link #commit}
 * was called; a step that fails is logged and the rest still run. One thread only.
 */
public final class UndoStack implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UndoStack.class);

  private final Deque<Step> steps = new ArrayDeque<>();

  /** Adds a step; {@code name} completes the sentence "could not …". */
  public void push(String name, Action action) {
    steps.push(new Step(name, action));
  }

  /** Keeps the work: closing does nothing any more. */
  public void commit() {
    steps.clear();
  }

  @Override
  public void close() {
    // An interrupt is for the work, which has ended; clean-up has deadlines of its own.
    boolean interrupted = Thread.interrupted();
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.action.run();
      } catch (Exception e) {
        log.warn("could not {}: {}", step.name, e.getMessage(), e);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One step back. */
  @FunctionalInterface
  public interface Action {
    void run() throws Exception;
  }

  private record Step(String name, Action action) {}
}
