package dev.longshore.metrics;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A scrape as Prometheus reads it, and stricter: every rule of the text formats, and those that
 * {@code promtool check metrics} has for names. What breaks one is in {@link #problems}.
 */
public final class Scrape {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)(?: (\\S+))?");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\[\\\\\"n])*)\"(?:,|$)");
  private static final Pattern NO_BASE_UNIT =
      Pattern.compile(".*_(milliseconds|ms|micros|nanoseconds|minutes|hours|kib|kb|mb|megabytes)");
  private static final Pattern TYPE_IN_NAME = Pattern.compile(".*_(gauge|counter|histogram)");

  private final Map<String, Head> heads = new LinkedHashMap<>();
  private final Map<String, Double> samples = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();
  private String family = "";

  /** What is said of a family. */
  public record Head(String type, String help, String unit) {}

  private Scrape() {}

  /** Reads a text of either format. */
  public static Scrape of(String text) {
    Scrape scrape = new Scrape();
    if (!text.endsWith("\n") || text.contains("\r")) {
      scrape.problems.add("lines end with a line feed, the last one too");
    }
    text.lines().forEach(scrape::line);
    scrape.heads.forEach(scrape::check);
    return scrape;
  }

  /** What a source tells now. */
  public static Scrape of(Source source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Exposition out = new Exposition(bytes, Format.TEXT);
    source.writeTo(out);
    out.end();
    return of(bytes.toString(StandardCharsets.UTF_8));
  }

  public List<String> problems() {
    return problems;
  }

  /** By the family's name, as the format has it. */
  public Map<String, Head> heads() {
    return heads;
  }

  /** The value of a series, which is written as in the text: {@code name{label="value"}}. */
  public Optional<Double> value(String series) {
    return Optional.ofNullable(samples.get(series));
  }

  /** All series. */
  public Iterable<String> series() {
    return samples.keySet();
  }

  private void line(String line) {
    if (line.startsWith("# ")) {
      head(line.split(" ", 4));
    } else {
      sample(line);
    }
  }

  private void head(String[] words) {
    if (words[1].equals("EOF")) {
      return;
    }
    String name = words[2];
    Head known = heads.getOrDefault(name, new Head("", "", ""));
    boolean fresh = !family.equals(name);
    if (fresh && heads.containsKey(name)) {
      problems.add(name + " has two heads");
    }
    family = name;
    heads.put(
        name,
        switch (words[1]) {
          case "HELP" -> new Head(known.type, words.length > 3 ? words[3] : "", known.unit);
          case "TYPE" -> new Head(words[3], known.help, known.unit);
          case "UNIT" -> new Head(known.type, known.help, words[3]);
          default -> throw new AssertionError("no such head: " + String.join(" ", words));
        });
  }

  private void sample(String line) {
    Matcher parts = SAMPLE.matcher(line);
    if (!parts.matches()) {
      problems.add("no sample: " + line);
      return;
    }
    String name = parts.group(1);
    String labels = parts.group(2) == null ? "" : parts.group(2);
    if (!LABEL.matcher(labels).replaceAll("").isEmpty()) {
      problems.add("no labels: " + line);
    }
    String suffix = name.startsWith(family) ? name.substring(family.length()) : "?";
    Head head = heads.getOrDefault(family, new Head("", "", ""));
    boolean fits =
        switch (head.type) {
          case "counter" -> suffix.isEmpty() || suffix.equals("_total");
          case "gauge" -> suffix.isEmpty();
          case "summary" -> suffix.equals("_count") || suffix.equals("_sum");
          case "histogram" -> suffix.matches("_bucket|_count|_sum");
          default -> false;
        };
    if (!fits) {
      problems.add("under %s, a %s, stands %s".formatted(family, head.type, line));
    }
    double value = number(parts.group(3));
    String series = labels.isEmpty() ? name : "%s{%s}".formatted(name, labels);
    if (samples.put(series, value) != null) {
      problems.add("twice: " + series);
    }
    if (value < 0 && head.type.equals("counter")) {
      problems.add("a counter below zero: " + line);
    }
    histogram(series, name, value);
  }

  private void histogram(String series, String name, double value) {
    @Nullable Double last = samples.get(bucket(series));
    if (name.endsWith("_count") && last != null && last != value) {
      problems.add("the last bucket is not the count: " + series);
    }
  }

  /** The bucket without a bound that belongs to a {@code _count}. */
  private static String bucket(String series) {
    String name = series.replaceFirst("_count(?=\\{|$)", "_bucket");
    return name.endsWith("}")
        ? name.substring(0, name.length() - 1) + ",le=\"+Inf\"}"
        : name + "{le=\"+Inf\"}";
  }

  private double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private void check(String name, Head head) {
    if (head.help.isBlank() || head.type.isBlank()) {
      problems.add(name + " lacks HELP or TYPE");
    }
    if (!head.unit.isEmpty() && !name.endsWith("_" + head.unit)) {
      problems.add("%s does not end with its unit %s".formatted(name, head.unit));
    }
    String base = name.replaceFirst("_total$", "");
    if (NO_BASE_UNIT.matcher(base).matches() || TYPE_IN_NAME.matcher(base).matches()) {
      problems.add(name + " names a unit that is no base unit, or its type");
    }
    if (!head.type.equals("counter") && name.endsWith("_total")) {
      problems.add(name + " ends with _total and is no counter");
    }
    if (name.contains(":") || !name.equals(name.toLowerCase(Locale.ROOT))) {
      problems.add(name + " has colons or capitals");
    }
  }
}
