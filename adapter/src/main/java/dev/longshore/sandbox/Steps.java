package dev.longshore.sandbox;

import dev.longshore.common.CriException;
import dev.longshore.docker.KubeName;
import java.util.function.Supplier;

/** Names, in front of a failure, what was tried and at which step it failed. */
record Steps(String prefix) {
  static Steps of(String verb, KubeName name) {
    return new Steps("cannot %s pod sandbox %s".formatted(verb, SandboxNames.shown(name)));
  }

  <T> T get(String step, Supplier<T> work) {
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
