package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Does the same to many things at once and waits for all of it. */
final class Parallel {
  private Parallel() {}

  /**
   * Returns when every action has ended; the actions bound themselves. One failure does not keep
   * the others from running: the first is thrown, the rest are attached to it. An interrupt of the
   * caller interrupts the actions.
   */
  static <T> void forEach(Collection<T> things, Consumer<T> action) {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (T thing : things) {
      tasks.add(
          () -> {
            action.accept(thing);
            return true;
          });
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      throwFirst(threads.invokeAll(tasks));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "the caller went away", e);
    }
  }

  private static void throwFirst(List<Future<Boolean>> done) throws InterruptedException {
    List<CriException> failures = new ArrayList<>();
    for (Future<Boolean> task : done) {
      try {
        boolean _ = task.get();
      } catch (ExecutionException e) {
        failures.add(
            e.getCause() instanceof CriException known
                ? known
                : new CriException(Kind.INTERNAL, String.valueOf(e.getCause()), e));
      }
    }
    if (!failures.isEmpty()) {
      CriException first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }
}
