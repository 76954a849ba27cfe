package dev.longshore.cli;

import dev.longshore.common.CriException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Function;

/** Steps of a self-test, each printed with its outcome and its time. One thread. */
final class Steps {
  private static final int NAME_WIDTH = 28;

  private final PrintStream out;
  private final long start = System.nanoTime();
  private int done;

  Steps(PrintStream out) {
    this.out = out;
  }

  /**
   * Does one step and prints it; {@code note} is what is worth saying of its result.
   *
   * @throws Failed when the work throws
   */
  <T> T run(String name, Work<T> work, Function<T, String> note) throws InterruptedException {
    long began = System.nanoTime();
    try {
      T result = work.run();
      line("ok", name, began, note.apply(result));
      done++;
      return result;
    } catch (CriException e) {
      line("fail", name, began, "");
      throw new Failed(name, e);
    }
  }

  /** As the other, for work without a result worth saying. */
  void run(String name, Work<?> work) throws InterruptedException {
    run(name, work, _ -> "");
  }

  /** How many steps succeeded, and the time since the first. */
  String summary() {
    double seconds = millisSince(start) / 1000.0;
    return String.format(Locale.ROOT, "%d steps in %.1f s", done, seconds);
  }

  private void line(String outcome, String name, long began, String note) {
    String text = "%-4s  %-" + NAME_WIDTH + "s %6d ms  %s";
    out.println(text.formatted(outcome, name, millisSince(began), note).stripTrailing());
  }

  private static long millisSince(long began) {
    return Duration.ofNanos(System.nanoTime() - began).toMillis();
  }

  /** The work of a step; says by a CriException why it failed. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  /** The step that ended the test; printed already. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Failed(String step, CriException cause) {
      super("%s: %s".formatted(step, cause.getMessage()), cause);
    }
  }
}
