package dev.longshore.docker;

import java.util.Map;

/**
 * Where Docker keeps a container's output ({@code HostConfig.LogConfig}).
 *
 * @param driver the logging driver's name; empty for the daemon's default, options and all
 */
public record LogSpec(String driver, Map<String, String> options) {
  /** What the daemon is configured to do. */
  public static final LogSpec DAEMONS_CHOICE = new LogSpec("", Map.of());

  public LogSpec {
    options = Map.copyOf(options);
  }
}
