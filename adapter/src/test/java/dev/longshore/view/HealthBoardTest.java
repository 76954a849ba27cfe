package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HealthBoardTest {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private final HealthBoard board = new HealthBoard(() -> NOW);

  @Test
  void beforeAnyEventTheLagIsUnknown() {
    board.heard();
    assertThat(board.current().eventLag()).isEmpty();
    assertThat(board.current().lastEvent()).contains(NOW);
  }

  @Test
  void theLagIsHowLateTheLastEventCame() {
    board.heard(NOW.minusMillis(1500));
    assertThat(board.current().eventLag()).contains(Duration.ofMillis(1500));
    board.heard(NOW.minusMillis(2));
    assertThat(board.current().eventLag()).contains(Duration.ofMillis(2));
  }

  @Test
  void anEventOfTheFutureIsNotLate() {
    board.heard(NOW.plusSeconds(7));
    assertThat(board.current().eventLag()).contains(Duration.ZERO);
  }

  @Test
  void whatIsKnownOfEventsOutlivesAnOutage() {
    board.heard(NOW.minusMillis(20));
    board.away(Trouble.NOT_ASKED);
    board.heard();
    assertThat(board.current().eventLag()).isEqualTo(Optional.of(Duration.ofMillis(20)));
  }
}
