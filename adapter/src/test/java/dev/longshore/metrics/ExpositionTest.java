package dev.longshore.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ExpositionTest {
  private static final String ODD = "back\\slash \"quoted\"\nnext line ü";
  private static final Family REQUESTS =
      Family.counter("app_requests_total", "requests", "Requests " + ODD, "path");
  private static final Family HEAT = Family.gauge("app_heat_celsius", "celsius", "Heat");
  private static final Family TIME = Family.seconds("app_time_seconds", "Time", "step");
  private static final Family PAUSES =
      new Family("app_pause_seconds", Family.Type.SUMMARY, "seconds", "Pauses", List.of());

  @Test
  void theTextIsThatOfPrometheusOwnClient() throws IOException {
    assertThat(write(Format.TEXT, ExpositionTest::sample))
        .isEqualTo(reference(PrometheusTextFormatWriter.create()));
  }

  @Test
  void theOpenMetricsTextIsThatOfPrometheusOwnClient() throws IOException {
    assertThat(write(Format.OPEN_METRICS, ExpositionTest::sample))
        .isEqualTo(reference(OpenMetricsTextFormatWriter.create()));
  }

  @Test
  void aFamilyWithoutSeriesHasItsHead() {
    assertThat(write(Format.OPEN_METRICS, out -> out.family(REQUESTS)))
        .contains("# TYPE app_requests counter\n# UNIT app_requests requests\n")
        .endsWith("# EOF\n");
  }

  @Test
  void timesAreMillisecondsInOneFormatAndSecondsInTheOther() {
    Consumer<Exposition> timed = out -> out.sample(HEAT, List.of(), 21.5, 1_700_000_000_250L);
    assertThat(write(Format.TEXT, timed)).isEqualTo("app_heat_celsius 21.5 1700000000250\n");
    assertThat(write(Format.OPEN_METRICS, timed))
        .isEqualTo("app_heat_celsius 21.5 1.70000000025E9\n# EOF\n");
  }

  @Test
  void whatIsNoNumberIsWrittenAsPrometheusReadsIt() {
    assertThat(
            write(
                Format.TEXT,
                out -> {
                  out.sample(HEAT, List.of(), Double.NaN);
                  out.sample(HEAT, List.of(), Double.POSITIVE_INFINITY);
                  out.sample(HEAT, List.of(), Double.NEGATIVE_INFINITY);
                  out.sample(HEAT, List.of(), 1e300);
                }))
        .isEqualTo(
            """
            app_heat_celsius NaN
            app_heat_celsius +Inf
            app_heat_celsius -Inf
            app_heat_celsius 1.0E300
            """);
  }

  @Test
  void aLongTextComesInPieces() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Exposition out = new Exposition(bytes, Format.TEXT);
    out.family(REQUESTS);
    for (int i = 0; i < 1000; i++) {
      out.sample(REQUESTS, List.of("/" + i), i);
    }
    int before = bytes.size();
    out.end();
    assertThat(before).isGreaterThan(16 * 1024);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("\"/0\"} 0\n", "\"/999\"} 999\n");
  }

  @Test
  void labelsThatDoNotFitTheFamilyAreRefused() {
    assertThatThrownBy(() -> write(Format.TEXT, out -> out.sample(REQUESTS, List.of(), 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("app_requests_total has the labels [path]");
  }

  @Test
  void namesThatPrometheusWouldRefuseAreRefused() {
    assertThatThrownBy(() -> Family.gauge("no-dash", "", "Help"))
        .hasMessageContaining("no metric family: no-dash");
    assertThatThrownBy(() -> Family.gauge("a", "", "Help", "__reserved"))
        .hasMessageContaining("__reserved");
    assertThatThrownBy(() -> Family.counter("a_requests", "requests", "Help"))
        .hasMessageContaining("a counter's with _total: a_requests");
    assertThatThrownBy(() -> Family.gauge("a_total", "", "Help")).hasMessageContaining("a_total");
    assertThatThrownBy(() -> Family.gauge("a_size", "bytes", "Help"))
        .hasMessageContaining("a name ends with its unit");
    assertThatThrownBy(() -> Family.gauge("a", "", " ")).hasMessageContaining("no metric family");
  }

  private static void sample(Exposition out) {
    out.family(HEAT);
    out.sample(HEAT, List.of(), -0.125);
    out.family(PAUSES);
    out.summary(PAUSES, List.of(), 3, 0.75);
    out.family(REQUESTS);
    out.sample(REQUESTS, List.of(ODD), 3.5);
    out.family(TIME);
    out.histogram(TIME, List.of("run"), List.of(0.005, 1.0), new long[] {2, 3, 4}, 8.25);
  }

  private static String reference(ExpositionFormatWriter writer) throws IOException {
    MetricSnapshots same =
        MetricSnapshots.of(
            GaugeSnapshot.builder()
                .name("app_heat_celsius")
                .unit(new Unit("celsius"))
                .help("Heat")
                .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(-0.125).build())
                .build(),
            SummarySnapshot.builder()
                .name("app_pause_seconds")
                .unit(Unit.SECONDS)
                .help("Pauses")
                .dataPoint(
                    SummarySnapshot.SummaryDataPointSnapshot.builder().count(3).sum(0.75).build())
                .build(),
            CounterSnapshot.builder()
                .name("app_requests")
                .unit(new Unit("requests"))
                .help("Requests " + ODD)
                .dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of("path", ODD))
                        .value(3.5)
                        .build())
                .build(),
            HistogramSnapshot.builder()
                .name("app_time_seconds")
                .unit(Unit.SECONDS)
                .help("Time")
                .dataPoint(
                    HistogramSnapshot.HistogramDataPointSnapshot.builder()
                        .labels(Labels.of("step", "run"))
                        .classicHistogramBuckets(
                            ClassicHistogramBuckets.of(
                                new double[] {0.005, 1.0, Double.POSITIVE_INFINITY},
                                new long[] {2, 3, 4}))
                        .sum(8.25)
                        .build())
                .build());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    writer.write(bytes, same);
    return withHeadsInOurOrder(bytes.toString(StandardCharsets.UTF_8));
  }

  /** The order of the lines of a head is free; here HELP comes first and UNIT last. */
  private static String withHeadsInOurOrder(String text) {
    return text.replaceAll("(# TYPE .*\n)(# UNIT .*\n)?(# HELP .*\n)", "$3$1$2");
  }

  private static String write(Format format, Consumer<Exposition> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Exposition out = new Exposition(bytes, format);
    content.accept(out);
    out.end();
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
