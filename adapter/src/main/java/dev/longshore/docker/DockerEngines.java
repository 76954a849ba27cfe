package dev.longshore.docker;

import java.time.Clock;
import java.util.List;

/** Where the policies round a gateway are put together, and in which order. */
public final class DockerEngines {
  private DockerEngines() {}

  /**
   * A Docker Engine that is not overrun and not waited for in vain. From outside in: time limits
   * per sort of call; one repetition of questions; the breaker, so that a daemon that is away costs
   * nothing, not even a place in the queue; the bound on changes under way.
   */
  public static DockerEngine resilient(DockerEngine gateway, EngineLimits limits) {
    return resilient(gateway, limits, Clock.systemUTC());
  }

  static DockerEngine resilient(DockerEngine gateway, EngineLimits limits, Clock clock) {
    return new PolicedDockerEngine(
        gateway,
        CallPolicy.chain(
            List.of(
                new TimeLimits(limits),
                new ReadRetry(),
                new DaemonBreaker(limits, gateway::ping, clock),
                new MutationBulkhead(limits.mutations()))));
  }
}
