package dev.longshore.docker;

import dev.longshore.common.Deadline;
import java.util.List;
import java.util.function.Function;

/** One concern that every request to Docker passes through. Thread-safe. */
interface CallPolicy {
  /** Makes the call by way of {@code next}, or fails without it. */
  <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next);

  /** Several policies as one: the first is the outermost. */
  static CallPolicy chain(List<CallPolicy> policies) {
    CallPolicy all =
        new CallPolicy() {
          @Override
          public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
            return next.apply(deadline);
          }
        };
    for (CallPolicy outer : policies.reversed()) {
      all = outer.around(all);
    }
    return all;
  }

  private CallPolicy around(CallPolicy inner) {
    CallPolicy outer = this;
    return new CallPolicy() {
      @Override
      public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
        return outer.apply(call, deadline, d -> inner.apply(call, d, next));
      }
    };
  }
}
