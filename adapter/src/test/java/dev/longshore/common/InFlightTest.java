package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class InFlightTest {
  private final InFlight<String, Integer> pulls = new InFlight<>("pull of image");

  @Test
  void callersOfTheSameKeyShareOneRun() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Integer> answers = new CopyOnWriteArrayList<>();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      callers.add(
          Thread.ofPlatform()
              .start(
                  () ->
                      answers.add(
                          pulls.join(
                              "a",
                              soon(),
                              () -> {
                                go.await();
                                return runs.incrementAndGet();
                              }))));
    }
    for (Thread caller : callers) {
      while (caller.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
    }
    go.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(answers).hasSize(20).containsOnly(1);
  }

  @Test
  void aCallerWhoseDeadlinePassesLeavesTheWorkToItsRetry() {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                pulls.join(
                    "a",
                    Deadline.in(Duration.ZERO),
                    () -> {
                      go.await();
                      return runs.incrementAndGet();
                    }))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("pull of image a")
        .extracting(e -> ((CriException) e).kind())
        .isEqualTo(Kind.TIMED_OUT);
    go.countDown();
    // The first run is joined, or has just ended and the second is the only other one.
    assertThat(pulls.join("a", soon(), runs::incrementAndGet)).isEqualTo(runs.get());
  }

  @Test
  void anInterruptedCallerLeavesTheWorkRunning() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    List<Kind> kinds = new ArrayList<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    pulls.join(
                        "a",
                        soon(),
                        () -> {
                          started.countDown();
                          go.await();
                          done.countDown();
                          return 1;
                        });
                  } catch (CriException e) {
                    kinds.add(e.kind());
                  }
                });
    started.await();
    caller.interrupt();
    caller.join();
    assertThat(kinds).containsExactly(Kind.CANCELLED);
    go.countDown();
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aFailureReachesEveryCallerAndIsForgotten() {
    assertThatThrownBy(
            () ->
                pulls.join(
                    "a",
                    soon(),
                    () -> {
                      throw new CriException(Kind.NOT_FOUND, "no such image");
                    }))
        .hasMessage("no such image");
    assertThat(pulls.join("a", soon(), () -> 7)).isEqualTo(7);
  }

  @Test
  void aFailureIsNeverHandedToACallerWhoAsksAfterIt() {
    for (int i = 0; i < 500; i++) {
      assertThatThrownBy(
          () ->
              pulls.join(
                  "a",
                  soon(),
                  () -> {
                    throw new CriException(Kind.UNAVAILABLE, "away");
                  }));
      assertThat(pulls.join("a", soon(), () -> 1)).isEqualTo(1);
    }
  }

  @Test
  void aStrangeFailureNamesTheWork() {
    assertThatThrownBy(
            () ->
                pulls.join(
                    "a",
                    soon(),
                    () -> {
                      throw new IllegalStateException("odd");
                    }))
        .hasMessageContaining("pull of image a failed")
        .hasMessageContaining("odd")
        .extracting(e -> ((CriException) e).kind())
        .isEqualTo(Kind.INTERNAL);
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(10));
  }
}
