package dev.longshore.metrics;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes series in one of the {@link Format}s, piece by piece, so that a long list costs no memory.
 * A family is headed once, and its series follow. What the output throws comes as
 * UncheckedIOException. One thread.
 */
public final class Exposition {
  private static final int PIECE = 8 * 1024;
  // Beyond it a double does not count in ones.
  private static final double EXACT = 1L << 53;
  private static final double MILLIS = 1000;

  private final OutputStream out;
  private final Format format;
  private final StringBuilder text = new StringBuilder(PIECE + 1024);

  public Exposition(OutputStream out, Format format) {
    this.out = out;
    this.format = format;
  }

  /** Heads the series that follow. */
  public void family(Family family) {
    boolean open = format == Format.OPEN_METRICS;
    String name = open ? family.base() : family.name();
    text.append("# HELP ").append(name).append(' ');
    escape(family.help(), open);
    text.append("\n# TYPE ").append(name).append(' ').append(family.type().word()).append('\n');
    if (open && !family.unit().isEmpty()) {
      text.append("# UNIT ").append(name).append(' ').append(family.unit()).append('\n');
    }
    flushLong();
  }

  /** The one series of a family without labels, with its head. */
  public void single(Family family, double value) {
    family(family);
    sample(family, List.of(), value);
  }

  /** A series of a counter or gauge; the values of its labels in the family's order. */
  public void sample(Family family, List<String> labelValues, double value) {
    line(family, "", labelValues, "", value);
    text.append('\n');
    flushLong();
  }

  /** As the other, with the time of the value, in milliseconds since the epoch. */
  public void sample(Family family, List<String> labelValues, double value, long epochMillis) {
    line(family, "", labelValues, "", value);
    text.append(' ');
    if (format == Format.OPEN_METRICS) {
      number(epochMillis / MILLIS);
    } else {
      text.append(epochMillis);
    }
    text.append('\n');
    flushLong();
  }

  /** A series of a summary. */
  public void summary(Family family, List<String> labelValues, long count, double sum) {
    line(family, "_count", labelValues, "", (double) count);
    text.append('\n');
    line(family, "_sum", labelValues, "", sum);
    text.append('\n');
    flushLong();
  }

  /**
   * A series of a histogram.
   *
   * @param bounds ascending, without infinity
   * @param counts how many values lie in each bucket, not cumulated; one more than there are bounds
   */
  public void histogram(
      Family family, List<String> labelValues, List<Double> bounds, long[] counts, double sum) {
    long total = 0;
    for (int i = 0; i < counts.length; i++) {
      total += counts[i];
      String bound = i < bounds.size() ? Double.toString(bounds.get(i)) : "+Inf";
      line(family, "_bucket", labelValues, bound, (double) total);
      text.append('\n');
    }
    summary(family, labelValues, total, sum);
  }

  /** Ends the text; must be called last. */
  public void end() {
    if (format == Format.OPEN_METRICS) {
      text.append("# EOF\n");
    }
    flush();
  }

  private void line(
      Family family, String suffix, List<String> labelValues, String bound, double value) {
    if (labelValues.size() != family.labels().size()) {
      throw new IllegalArgumentException(
          "%s has the labels %s, got %s".formatted(family.name(), family.labels(), labelValues));
    }
    text.append(family.name()).append(suffix);
    char before = '{';
    for (int i = 0; i < labelValues.size(); i++) {
      before = label(before, family.labels().get(i), labelValues.get(i));
    }
    if (family.type() == Family.Type.HISTOGRAM && !bound.isEmpty()) {
      before = label(before, "le", bound);
    }
    if (before == ',') {
      text.append('}');
    }
    text.append(' ');
    number(value);
  }

  private char label(char before, String name, String value) {
    text.append(before).append(name).append("=\"");
    escape(value, true);
    text.append('"');
    return ',';
  }

  private void escape(String raw, boolean quotes) {
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '"' -> text.append(quotes ? "\\\"" : "\"");
        default -> text.append(c);
      }
    }
  }

  private void number(double value) {
    if (Double.isNaN(value)) {
      text.append("NaN");
    } else if (Double.isInfinite(value)) {
      text.append(value > 0 ? "+Inf" : "-Inf");
    } else if (value == Math.rint(value) && Math.abs(value) < EXACT) {
      text.append((long) value);
    } else {
      text.append(value);
    }
  }

  private void flushLong() {
    if (text.length() >= PIECE) {
      flush();
    }
  }

  private void flush() {
    try {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    text.setLength(0);
  }
}
