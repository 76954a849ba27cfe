package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  @Test
  void aDeadlineInThePastHasPassed() {
    assertThat(Deadline.in(Duration.ofNanos(-1)).passed()).isTrue();
    assertThat(Deadline.in(Duration.ofHours(1)).passed()).isFalse();
  }

  @Test
  void atMostTakesTheSoonerOne() {
    Deadline hour = Deadline.in(Duration.ofHours(1));
    assertThat(hour.atMost(Duration.ofMinutes(1)).left())
        .isLessThanOrEqualTo(Duration.ofMinutes(1));
    assertThat(hour.atMost(Duration.ofHours(2))).isSameAs(hour);
  }

  @Test
  void hugeTimesDoNotOverflow() {
    assertThat(Deadline.in(Duration.ofSeconds(Long.MAX_VALUE)).passed()).isFalse();
    assertThat(Deadline.never().left()).isGreaterThan(Duration.ofDays(3000));
  }
}
