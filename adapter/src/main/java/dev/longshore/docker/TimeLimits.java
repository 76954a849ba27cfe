package dev.longshore.docker;

import dev.longshore.common.Deadline;
import java.time.Duration;
import java.util.function.Function;

/** Shortens deadlines to what a call of that sort may take; the gateway enforces them. */
record TimeLimits(EngineLimits limits) implements CallPolicy {
  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    return next.apply(
        switch (call.kind().sort()) {
          case READ -> deadline.atMost(limits.read());
          case MUTATION -> deadline.atMost(limitOf(call));
          case STREAM -> deadline;
        });
  }

  private Duration limitOf(EngineCall call) {
    return call.kind() == EngineCall.Kind.STOP
        ? call.work().plus(limits.stopMargin())
        : limits.mutation();
  }
}
