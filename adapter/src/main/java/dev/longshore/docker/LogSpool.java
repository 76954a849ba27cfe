package dev.longshore.docker;

import java.util.Map;
import java.util.Set;

/**
 * How much of a container's output Docker keeps until it has been copied to the log. Set per
 * container where the daemon writes files of its own; a daemon configured to send output elsewhere
 * is left to do so.
 *
 * @param driver {@code local}, which keeps every byte, or {@code json-file}; {@code daemon} for
 *     what the daemon is configured to do
 * @param size of one file, as Docker writes sizes: {@code 16m}
 * @param files how many are kept
 * @param always whether also where the daemon sends output elsewhere
 */
public record LogSpool(String driver, String size, int files, boolean always) {
  private static final Set<String> FILES = Set.of("json-file", "local");

  /** What to ask of that daemon. */
  public LogSpec on(EngineInfo engine) {
    boolean elsewhere = !FILES.contains(engine.loggingDriver());
    if (driver.equals("daemon") || (elsewhere && !always)) {
      return LogSpec.DAEMONS_CHOICE;
    }
    return new LogSpec(
        driver, Map.of("max-size", size, "max-file", Integer.toString(files), "compress", "false"));
  }
}
