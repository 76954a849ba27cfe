package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer;
import dev.longshore.view.Ledger.Question;
import dev.longshore.view.Ledger.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final ContainerId ID = Samples.id(1);
  private static final EngineContainer CREATED = Samples.sandbox(1);
  private static final EngineContainer RUNNING = CREATED.in(Samples.running());

  private Instant wall = Samples.START;
  private long monotonic = Long.MAX_VALUE - 5; // It wraps round in these tests.
  private final Ledger ledger = new Ledger(() -> wall, () -> monotonic);

  @Test
  void theAnswerToTheLaterQuestionStandsWhicheverComesFirst() {
    try (Question early = ledger.ask();
        Question late = ledger.ask()) {
      late.answer(ID, Optional.of(RUNNING));
      early.answer(ID, Optional.of(CREATED));
    }
    assertThat(stateIs(RUNNING)).isTrue();
    try (Question early = ledger.ask();
        Question late = ledger.ask()) {
      early.answer(ID, Optional.of(CREATED));
      late.answer(ID, Optional.of(RUNNING));
    }
    assertThat(stateIs(RUNNING)).isTrue();
  }

  @Test
  void anEarlierQuestionDoesNotBringARemovedContainerBack() {
    try (Question early = ledger.ask()) {
      answer(Optional.of(CREATED));
      answer(Optional.empty());
      early.answer(ID, Optional.of(RUNNING));
    }
    assertThat(ledger.current().sandboxes()).isEmpty();
    assertThat(ledger.buried(ID)).isTrue();
    assertThat(ledger.knows(ID)).isFalse();
  }

  @Test
  void gravesAreKeptWhileAnEarlierQuestionIsOpenAndForgottenInTime() {
    try (Question early = ledger.ask()) {
      for (int i = 0; i < 2_000; i++) {
        remove(i);
      }
      assertThat(ledger.buried(Samples.id(0))).isTrue();
      early.answer(Samples.id(0), Optional.of(Samples.sandbox(0)));
      assertThat(ledger.current().sandboxes()).isEmpty();
    }
    remove(2_000);
    assertThat(ledger.buried(Samples.id(0))).isFalse();
    assertThat(ledger.buried(Samples.id(2_000))).isTrue();
    assertThat(ledger.buried(Samples.id(1_900))).isTrue();
  }

  @Test
  void oneQuestionMayBuryMany() {
    answer(Optional.of(CREATED));
    try (Question other = ledger.ask()) {
      other.answer(Samples.id(2), Optional.of(Samples.sandbox(2)));
    }
    assertThat(ledger.known()).containsExactlyInAnyOrder(ID, Samples.id(2));
    try (Question list = ledger.ask()) {
      list.answer(ID, Optional.empty());
      list.answer(Samples.id(2), Optional.empty());
    }
    assertThat(ledger.known()).isEmpty();
    assertThat(ledger.current().sandboxes()).isEmpty();
  }

  @Test
  void aContainerLeftOutIsKnownAllTheSame() {
    EngineContainer odd = Samples.engine(ID, "odd", CREATED.labels(), Samples.START);
    answer(Optional.of(odd));
    assertThat(ledger.knows(ID)).isTrue();
    assertThat(ledger.current().sandboxes()).isEmpty();
  }

  @Test
  void aSightingIsCoveredByAQuestionAskedAfterIt() {
    Sighting before = ledger.sighted(Long.MAX_VALUE);
    answer(Optional.of(CREATED));
    assertThat(ledger.covers(ID, before)).isTrue();
    assertThat(ledger.covers(Samples.id(2), before)).isFalse();
    assertThat(ledger.covers(ID, before.and(ledger.sighted(Long.MAX_VALUE)))).isFalse();
  }

  @Test
  void aSightingSoonAfterAQuestionIsComparedByWallClock() {
    answer(Optional.of(CREATED));
    monotonic += TimeUnit.SECONDS.toNanos(9);
    assertThat(ledger.covers(ID, ledger.sighted(nanos(wall)))).isTrue();
    assertThat(ledger.covers(ID, ledger.sighted(nanos(wall) + 1))).isFalse();
  }

  @Test
  void aClockSetBackIsNotBelievedForLong() {
    answer(Optional.of(CREATED));
    wall = wall.minus(Duration.ofHours(1));
    monotonic += TimeUnit.SECONDS.toNanos(10);
    assertThat(ledger.covers(ID, ledger.sighted(nanos(wall)))).isFalse();
  }

  private void answer(Optional<EngineContainer> seen) {
    try (Question question = ledger.ask()) {
      question.answer(ID, seen);
    }
  }

  private void remove(int number) {
    try (Question question = ledger.ask()) {
      question.answer(Samples.id(number), Optional.empty());
    }
  }

  private boolean stateIs(EngineContainer expected) {
    return ledger
        .current()
        .entry(ID)
        .filter(entry -> entry.engine().state().equals(expected.state()))
        .isPresent();
  }

  private static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
