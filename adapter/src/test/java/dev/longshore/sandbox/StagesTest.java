package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.metrics.Scrape;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StagesTest {
  private final AtomicLong clock = new AtomicLong();
  private final Stages stages = new Stages(clock::get);

  @Test
  void aSandboxIsAtTheStageThatItReachedLast() {
    try (Stages.Progress one = stages.begin();
        Stages.Progress other = stages.begin()) {
      one.reached("create container");
      one.reached("set up network");
      pass(3);
      other.reached("set up network");
      pass(2);

      Scrape scrape = Scrape.of(stages);
      assertThat(scrape.value("longshore_creating_sandboxes{stage=\"set up network\"}"))
          .hasValue(2.0);
      assertThat(scrape.value("longshore_creating_sandboxes{stage=\"create container\"}"))
          .isEmpty();
      assertThat(scrape.value("longshore_creating_stage_age_seconds{stage=\"set up network\"}"))
          .hasValue(5.0);
    }
    assertThat(Scrape.of(stages).series()).isEmpty();
  }

  private void pass(int seconds) {
    clock.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }
}
