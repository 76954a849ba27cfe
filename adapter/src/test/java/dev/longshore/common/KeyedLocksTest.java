package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException.Kind;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeyedLocksTest {
  private final KeyedLocks<String> locks = new KeyedLocks<>("sandbox");

  @Test
  void aSecondHolderOfAKeyWaitsUntilItsDeadline() throws Exception {
    try (var _ = locks.lock("a", Deadline.never())) {
      String answer =
          elsewhere(
              () -> {
                try (var _ = locks.lock("a", Deadline.in(Duration.ofMillis(1)))) {
                  return "taken";
                } catch (CriException e) {
                  return e.kind() + " " + e.getMessage();
                }
              });
      assertThat(answer).startsWith("TIMED_OUT sandbox a is busy");
    }
    assertThat(locks.size()).isZero();
  }

  @Test
  void aFreedKeyIsGivenOnAndAnotherKeyIsFree() throws Exception {
    FutureTask<String> next;
    try (var _ = locks.lock("a", Deadline.never())) {
      assertThat(elsewhere(() -> take("b"))).isEqualTo("taken");
      next = start(() -> take("a"));
      assertThat(next.isDone()).isFalse();
    }
    assertThat(next.get(10, TimeUnit.SECONDS)).isEqualTo("taken");
  }

  @Test
  void theHolderMayTakeItsKeyAgain() {
    try (var _ = locks.lock("a", Deadline.never())) {
      assertThat(take("a")).isEqualTo("taken");
      assertThat(locks.size()).isEqualTo(1);
    }
    assertThat(locks.size()).isZero();
  }

  @Test
  void anInterruptedWaiterGivesUpAndKeepsItsFlag() throws Exception {
    try (var _ = locks.lock("a", Deadline.never())) {
      boolean flag =
          elsewhere(
              () -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> take("a"))
                    .isInstanceOfSatisfying(
                        CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CANCELLED));
                return Thread.interrupted();
              });
      assertThat(flag).isTrue();
    }
  }

  private String take(String key) {
    try (var _ = locks.lock(key, Deadline.in(Duration.ofSeconds(10)))) {
      return "taken";
    }
  }

  private static <T> T elsewhere(Callable<T> work) throws Exception {
    return start(work).get(10, TimeUnit.SECONDS);
  }

  private static <T> FutureTask<T> start(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }
}
