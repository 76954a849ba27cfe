package dev.longshore.kernel;

import java.util.OptionalLong;

/**
 * Swap space that a cgroup fills.
 *
 * @param limitBytes empty for no limit
 */
public record SwapUsage(long usageBytes, OptionalLong limitBytes) {
  /** What is left of the limit, 0 at least; empty when there is none. */
  public OptionalLong availableBytes() {
    return limitBytes.isPresent()
        ? OptionalLong.of(Math.max(0, limitBytes.getAsLong() - usageBytes))
        : OptionalLong.empty();
  }
}
