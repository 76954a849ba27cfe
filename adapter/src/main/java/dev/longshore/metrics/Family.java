package dev.longshore.metrics;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The head of series that share a name.
 *
 * @param name in full, as queries use it: a counter's ends with {@code _total}
 * @param unit the base unit, which ends the name (before {@code _total}); empty where there is
 *     none, as for a state that is 0 or 1
 * @param help one sentence without its stop
 * @param labels their names, in the order in which values are given
 */
public record Family(String name, Type type, String unit, String help, List<String> labels) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("(?!__)[a-zA-Z_][a-zA-Z0-9_]*");
  private static final String TOTAL = "_total";

  /** How the values of a series relate. */
  public enum Type {
    /** Only grows, until the process ends. */
    COUNTER("counter"),
    /** Goes up and down. */
    GAUGE("gauge"),
    /** How many values were at most so large, per bound; their number and sum. */
    HISTOGRAM("histogram"),
    /** Number and sum of values. */
    SUMMARY("summary");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** The word of the exposition formats. */
    public String word() {
      return word;
    }
  }

  public Family {
    labels = List.copyOf(labels);
    boolean right =
        NAME.matcher(name).matches()
            && labels.stream().allMatch(label -> LABEL.matcher(label).matches())
            && !help.isBlank();
    if (!right) {
      throw new IllegalArgumentException("no metric family: %s %s".formatted(name, labels));
    }
  }

  /** A counter; {@code name} with its {@code _total}. */
  public static Family counter(String name, String unit, String help, String... labels) {
    return checked(new Family(name, Type.COUNTER, unit, help, List.of(labels)));
  }

  /** A value that goes up and down. */
  public static Family gauge(String name, String unit, String help, String... labels) {
    return checked(new Family(name, Type.GAUGE, unit, help, List.of(labels)));
  }

  /** Times, in seconds. */
  public static Family seconds(String name, String help, String... labels) {
    return checked(new Family(name, Type.HISTOGRAM, "seconds", help, List.of(labels)));
  }

  /** The name without {@code _total}, as OpenMetrics heads a counter. */
  String base() {
    return type == Type.COUNTER && name.endsWith(TOTAL)
        ? name.substring(0, name.length() - TOTAL.length())
        : name;
  }

  /** Names of our own follow the rules that both formats share. */
  private static Family checked(Family family) {
    boolean total = family.name.endsWith(TOTAL) == (family.type == Type.COUNTER);
    boolean unit = family.unit.isEmpty() || family.base().endsWith("_" + family.unit);
    if (!total || !unit) {
      throw new IllegalArgumentException(
          "a name ends with its unit, and a counter's with _total: " + family.name);
    }
    return family;
  }
}
