package dev.longshore.kernel;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.StringTokenizer;

/**
 * Traffic of one network interface since it was made (kernel networking/statistics.rst).
 *
 * @param received what came in to the namespace that the interface is in
 */
public record InterfaceUse(String name, Flow received, Flow sent) {
  private static final int COLUMNS = 16;
  private static final int SENT = 8;

  /** One direction; {@code dropped} packets were fine, and there was no room for them. */
  public record Flow(long bytes, long packets, long errors, long dropped) {
    private static Flow at(long[] columns, int first) {
      return new Flow(columns[first], columns[first + 1], columns[first + 2], columns[first + 3]);
    }
  }

  /**
   * The interfaces in the text of a {@code /proc/<pid>/net/dev} (proc(5)), in its order: two lines
   * of headings, then {@code name: } and sixteen numbers each. Lines of another form are passed.
   */
  public static List<InterfaceUse> parse(String dev) {
    return dev.lines()
        .filter(line -> line.indexOf(':') > 0)
        .map(InterfaceUse::parseLine)
        .flatMap(List::stream)
        .toList();
  }

  private static List<InterfaceUse> parseLine(String line) {
    int colon = line.lastIndexOf(':');
    StringTokenizer numbers = new StringTokenizer(line.substring(colon + 1));
    long[] columns = new long[COLUMNS];
    try {
      for (int i = 0; i < COLUMNS; i++) {
        columns[i] = Long.parseUnsignedLong(numbers.nextToken());
      }
    } catch (NumberFormatException | NoSuchElementException e) {
      return List.of();
    }
    String name = line.substring(0, colon).strip();
    return List.of(new InterfaceUse(name, Flow.at(columns, 0), Flow.at(columns, SENT)));
  }
}
