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
    int line = text.startsWith(kind) ? 0 : text.indexOf('\n' + kind) + 1;
    if (!text.startsWith(kind, line)) {
      return Optional.empty();
    }
    int newline = text.indexOf('\n', line);
    int end = newline < 0 ? text.length() : newline;
    try {
      return Optional.of(
          new Stall(
              TimeUnit.MICROSECONDS.toNanos(Long.parseLong(field(text, " total=", line, end))),
              average(field(text, " avg10=", line, end)),
              average(field(text, " avg60=", line, end)),
              average(field(text, " avg300=", line, end))));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static double average(String field) {
    // What it is nearly always.
    return field.equals("0.00") ? 0 : Double.parseDouble(field);
  }

  // Empty, which is no number, when the line has no such field.
  private static String field(String text, String key, int line, int end) {
    int at = text.indexOf(key, line, end);
    if (at < 0) {
      return "";
    }
    int start = at + key.length();
    int space = text.indexOf(' ', start, end);
    return text.substring(start, space < 0 ? end : space);
  }
}
