package dev.longshore.docker;

import java.time.Duration;

/**
 * How much is asked of Docker at once, and for how long.
 *
 * @param mutations how many changes run at the same time; the others wait for their turn
 * @param read time limit of a question
 * @param mutation time limit of a change
 * @param stopMargin time limit of a stop beyond its grace
 * @param hang from when on an unanswered call counts against the daemon; shorter waits are the
 *     caller's own impatience
 * @param pause how long a daemon that hangs or is away is left alone before it is asked again
 * @param probe time limit of that question
 */
public record EngineLimits(
    int mutations,
    Duration read,
    Duration mutation,
    Duration stopMargin,
    Duration hang,
    Duration pause,
    Duration probe) {
  /** What suits a node. */
  public static final EngineLimits DEFAULT =
      new EngineLimits(
          16,
          Duration.ofSeconds(10),
          Duration.ofMinutes(2),
          Duration.ofMinutes(1),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));

  public EngineLimits {
    if (mutations < 1) {
      throw new IllegalArgumentException("at least one change at a time, got " + mutations);
    }
  }

  /** The same with another number of changes at a time. */
  public EngineLimits withMutations(int count) {
    return new EngineLimits(count, read, mutation, stopMargin, hang, pause, probe);
  }

  /** The same with another time limit of a change. */
  public EngineLimits withMutation(Duration limit) {
    return new EngineLimits(mutations, read, limit, stopMargin, hang, pause, probe);
  }
}
