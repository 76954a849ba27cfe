package dev.longshore.kernel;

import java.util.List;

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
    private static Flow at(String[] columns, int first) {
      return new Flow(
          Long.parseUnsignedLong(columns[first]),
          Long.parseUnsignedLong(columns[first + 1]),
          Long.parseUnsignedLong(columns[first + 2]),
          Long.parseUnsignedLong(columns[first + 3]));
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
    String[] columns = line.substring(colon + 1).strip().split(" +", -1);
    if (columns.length < COLUMNS) {
      return List.of();
    }
    try {
      String name = line.substring(0, colon).strip();
      return List.of(new InterfaceUse(name, Flow.at(columns, 0), Flow.at(columns, SENT)));
    } catch (NumberFormatException e) {
      return List.of();
    }
  }
}
