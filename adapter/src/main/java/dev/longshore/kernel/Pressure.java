package dev.longshore.kernel;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How long the tasks of a cgroup stood still for want of one resource (kernel accounting/psi.rst).
 *
 * @param some at least one task waited
 * @param full all of them did; empty where the kernel does not say, as for CPU before Linux 5.13
 */
public record Pressure(Stall some, Optional<Stall> full) {
  /**
   * Time stood still.
   *
   * @param totalNanos since the cgroup was made
   * @param avg10 share of the last 10 seconds, in percent; {@code avg60} and {@code avg300} alike
   */
  public record Stall(long totalNanos, double avg10, double avg60, double avg300) {}

  /**
   * From a {@code cpu.pressure}, {@code memory.pressure} or {@code io.pressure}, whose totals are
   * in microseconds.
   *
   * @return empty for a text of another form
   */
  public static Optional<Pressure> parse(String text) {
    Optional<Stall> full = stall(text, "full ");
    return stall(text, "some ").map(some -> new Pressure(some, full));
  }

  private static Optional<Stall> stall(String text, String kind) {
    return text.lines().filter(line -> line.startsWith(kind)).findFirst().flatMap(Pressure::stall);
  }

  private static Optional<Stall> stall(String line) {
    try {
      return Optional.of(
          new Stall(
              TimeUnit.MICROSECONDS.toNanos(Long.parseLong(field(line, " total="))),
              Double.parseDouble(field(line, " avg10=")),
              Double.parseDouble(field(line, " avg60=")),
              Double.parseDouble(field(line, " avg300="))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  // Empty, which is no number, when the line has no such field.
  private static String field(String line, String key) {
    int at = line.indexOf(key);
    if (at < 0) {
      return "";
    }
    int start = at + key.length();
    int end = line.indexOf(' ', start);
    return line.substring(start, end < 0 ? line.length() : end);
  }
}
