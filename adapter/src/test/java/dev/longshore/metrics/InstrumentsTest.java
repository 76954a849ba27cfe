package dev.longshore.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InstrumentsTest {
  @Test
  void aTallyCountsBySeries() {
    Tally tally = new Tally(Family.counter("a_things_total", "things", "Things", "kind"));
    tally.add("red");
    tally.add(4, "red");
    tally.add("blue");
    assertThat(text(tally))
        .contains("a_things_total{kind=\"red\"} 5\n", "a_things_total{kind=\"blue\"} 1\n");
  }

  @Test
  void aTallyWithoutLabelsIsZeroFromTheStart() {
    assertThat(text(new Tally(Family.gauge("a_things", "things", "Things"))))
        .endsWith("a_things 0\n");
  }

  @Test
  void aTimeCountsInEveryBucketThatHoldsIt() {
    Timings timings = new Timings(Family.seconds("a_seconds", "Time", "step"));
    timings.took(Duration.ofMillis(1).toNanos(), "x");
    timings.took(Duration.ofMillis(7).toNanos(), "x");
    timings.took(Duration.ofHours(1).toNanos(), "x");
    assertThat(text(timings))
        .contains(
            "a_seconds_bucket{step=\"x\",le=\"0.001\"} 1\n",
            "a_seconds_bucket{step=\"x\",le=\"0.005\"} 1\n",
            "a_seconds_bucket{step=\"x\",le=\"0.01\"} 2\n",
            "a_seconds_bucket{step=\"x\",le=\"300.0\"} 2\n",
            "a_seconds_bucket{step=\"x\",le=\"+Inf\"} 3\n",
            "a_seconds_count{step=\"x\"} 3\n",
            "a_seconds_sum{step=\"x\"} 3600.008\n");
  }

  private static String text(Source source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Exposition out = new Exposition(bytes, Format.TEXT);
    source.writeTo(out);
    out.end();
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
