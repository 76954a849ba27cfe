package dev.longshore.stats;

import dev.longshore.metrics.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * One metric of containers and pods, by the name that cAdvisor gave it and dashboards know.
 *
 * @param family its labels are {@link #LABELS} and then its own
 */
record Metric(Family family, Values values) {
  /** Whose value it is: {@code container} and {@code name} are empty for a pod. */
  static final List<String> LABELS =
      List.of("id", "name", "image", "namespace", "pod", "container");

  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Where the values come from. */
  @FunctionalInterface
  interface Values {
    /** Gives all that there are of a subject. */
    void of(Subject subject, Out out);
  }

  /** Takes the values of one metric of one subject. */
  @FunctionalInterface
  interface Out {
    /** {@code own}: values of the labels that only this metric has. */
    void value(double value, String... own);

    /** A value that the kernel may not tell. */
    default void value(OptionalLong value, String... own) {
      value.ifPresent(known -> value((double) known, own));
    }

    /** Nanoseconds, told in seconds. */
    default void seconds(long nanos, String... own) {
      value(nanos / NANOS, own);
    }
  }

  static Metric counter(String name, String help, Values values, String... own) {
    return new Metric(family(name, Family.Type.COUNTER, help, own), values);
  }

  static Metric gauge(String name, String help, Values values, String... own) {
    return new Metric(family(name, Family.Type.GAUGE, help, own), values);
  }

  private static Family family(String name, Family.Type type, String help, String... own) {
    List<String> labels = new ArrayList<>(LABELS);
    labels.addAll(List.of(own));
    return new Family(name, type, unit(name), help, labels);
  }

  private static String unit(String name) {
    String base = name.replaceFirst("_total$", "");
    for (String unit : List.of("seconds", "bytes")) {
      if (base.endsWith("_" + unit)) {
        return unit;
      }
    }
    return "";
  }
}
