package dev.longshore.docker;

import dev.longshore.common.Deadline;
import dev.longshore.common.Trace;
import java.util.function.Function;

/** Requests to Docker as steps of the call that makes them. */
final class RequestTraces implements CallPolicy {
  @Override
  public <T> T apply(EngineCall call, Deadline deadline, Function<Deadline, T> next) {
    return Trace.step(
        "docker " + call.kind().word(), Trace.Kind.CLIENT, () -> next.apply(deadline));
  }
}
