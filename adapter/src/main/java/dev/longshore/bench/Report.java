package dev.longshore.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What was measured, for people or for machines. */
final class Report {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double HALF = 0.5;
  private static final double NINE_TENTHS = 0.9;
  private static final double MOST = 0.99;
  private static final int TITLE_WIDTH = 25;

  private Report() {}

  /** A table; with several servers, the last column is the second's share of the first's p50. */
  static String table(List<? extends Measured> subjects, boolean withDocker) {
    StringBuilder text = new StringBuilder();
    for (Measured subject : subjects) {
      text.append(line(subject.name(), subject.place()));
    }
    text.append(header(subjects));
    for (Call call : Call.values()) {
      text.append(row(call, subjects));
    }
    for (Figure figure : Figure.values()) {
      boolean ofDocker = figure == Figure.RELIST_DOCKER_CPU || figure == Figure.IDLE_DOCKER_CPU;
      if (withDocker || !ofDocker) {
        text.append(row(figure, subjects));
      }
    }
    return text.toString();
  }

  private static String header(List<? extends Measured> subjects) {
    StringBuilder cells = new StringBuilder();
    for (Measured subject : subjects) {
      cells.append("  %29s".formatted(subject.name() + " p50/p90/p99 ms"));
    }
    return line("", cells + (subjects.size() > 1 ? "   ratio" : ""));
  }

  private static String row(Call call, List<? extends Measured> subjects) {
    StringBuilder cells = new StringBuilder();
    for (Measured subject : subjects) {
      Samples samples = subject.samples(call);
      cells.append(
          "  %s %s %s"
              .formatted(
                  cell(samples.millis(HALF)),
                  cell(samples.millis(NINE_TENTHS)),
                  cell(samples.millis(MOST))));
    }
    return line(call.title(), cells + ratio(subjects, s -> s.samples(call).millis(HALF)));
  }

  private static String row(Figure figure, List<? extends Measured> subjects) {
    StringBuilder cells = new StringBuilder();
    for (Measured subject : subjects) {
      cells.append("  %s %-19s".formatted(cell(subject.get(figure)), figure.unit()));
    }
    return line(figure.title(), cells + ratio(subjects, s -> s.get(figure)));
  }

  private static String ratio(List<? extends Measured> subjects, ToDoubleFunction<Measured> value) {
    if (subjects.size() < 2) {
      return "";
    }
    double ratio = value.applyAsDouble(subjects.get(1)) / value.applyAsDouble(subjects.getFirst());
    return Double.isFinite(ratio) ? String.format(Locale.ROOT, "  %6.2f", ratio) : "";
  }

  private static String cell(double value) {
    return Double.isNaN(value) ? "%9s".formatted("-") : String.format(Locale.ROOT, "%9.2f", value);
  }

  private static String line(String title, String cells) {
    return ("%-" + TITLE_WIDTH + "s%s").formatted(title, cells).stripTrailing()
        + System.lineSeparator();
  }

  /** One object: the plan, and for each server what was measured: times in ms, and figures. */
  static String json(BenchPlan plan, List<? extends Measured> subjects) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("plan")
        .put("pods", plan.pods())
        .put("containers", plan.containers())
        .put("parallel", plan.parallel())
        .put("rounds", plan.rounds())
        .put("churn", plan.churn());
    ArrayNode servers = root.putArray("servers");
    for (Measured subject : subjects) {
      ObjectNode server = servers.addObject().put("endpoint", subject.place());
      ObjectNode calls = server.putObject("milliseconds");
      for (Call call : Call.values()) {
        Samples samples = subject.samples(call);
        if (samples.count() > 0) {
          calls
              .putObject(call.title())
              .put("count", samples.count())
              .put("p50", samples.millis(HALF))
              .put("p90", samples.millis(NINE_TENTHS))
              .put("p99", samples.millis(MOST));
        }
      }
      ObjectNode figures = server.putObject("figures");
      for (Figure figure : Figure.values()) {
        double value = subject.get(figure);
        if (!Double.isNaN(value)) {
          figures.put(figure.title() + ", " + figure.unit(), value);
        }
      }
    }
    return root.toPrettyString() + System.lineSeparator();
  }
}
