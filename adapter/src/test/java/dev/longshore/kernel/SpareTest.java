package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SpareTest {
  private static final int STEPS_BETWEEN_LOOKS = 32;

  private final List<Duration> rests = new ArrayList<>();
  private long now = -5;
  private final Spare pace =
      new Spare(
          () -> now,
          time -> {
            rests.add(time);
            now += time.toNanos();
          });

  @Test
  void tenMillisecondsOfWorkAreFollowedByNineTimesAsMuchRest() throws Exception {
    pace.begin();
    work(Duration.ofMillis(9));
    assertThat(rests).isEmpty();
    work(Duration.ofMillis(1));

    assertThat(rests).containsExactly(Duration.ofMillis(90));
  }

  @Test
  void workOfSeveralShortWalksAddsUp() throws Exception {
    for (int i = 0; i < 4; i++) {
      pace.begin();
      now += Duration.ofMillis(3).toNanos();
      assertThat(pace.end()).isEqualTo(Duration.ofMillis(3).toNanos());
    }

    assertThat(rests).containsExactly(Duration.ofMillis(108));
  }

  @Test
  void restIsNoWork() throws Exception {
    pace.begin();
    work(Duration.ofMillis(10));
    work(Duration.ofMillis(2));

    assertThat(pace.end()).isEqualTo(Duration.ofMillis(12).toNanos());
  }

  @Test
  void halfAMinuteOfWorkIsTooMuch() throws Exception {
    pace.begin();
    work(Duration.ofSeconds(30));

    assertThatThrownBy(() -> work(Duration.ofMillis(1))).isInstanceOf(IOException.class);
    pace.begin();
    work(Duration.ofSeconds(1));
  }

  private void work(Duration time) throws IOException, InterruptedException {
    now += time.toNanos();
    for (int i = 0; i < STEPS_BETWEEN_LOOKS; i++) {
      pace.step();
    }
  }
}
