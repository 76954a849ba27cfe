package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.docker.KubeName;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Names, in front of a failure, what was tried and at which step it failed.
 *
 * @param listener hears of every step before it begins
 */
record Steps(String prefix, Consumer<String> listener) {
  static Steps of(String verb, KubeName name) {
    return new Steps("cannot %s pod sandbox %s".formatted(verb, SandboxNames.shown(name)), _ -> {});
  }

  Steps toldTo(Consumer<String> other) {
    return new Steps(prefix, other);
  }

  <T> T get(String step, Supplier<T> work) {
    listener.accept(step);
    try {
      return work.get();
    } catch (CriException e) {
      throw new CriException(e.kind(), "%s: %s: %s".formatted(prefix, step, e.getMessage()), e);
    }
  }

  void run(String step, Runnable work) {
    boolean _ =
        get(
            step,
            () -> {
              work.run();
              return true;
            });
  }
}
