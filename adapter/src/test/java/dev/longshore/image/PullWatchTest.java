package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PullWatchTest {
  // Looks every 10 ms at a clock that only the test moves.
  private static final PullWatch.Limits LIMITS =
      new PullWatch.Limits(Duration.ofMillis(80), Duration.ofMillis(200));

  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicBoolean attended = new AtomicBoolean(true);
  private final AtomicLong downloaded = new AtomicLong();
  private final PullWatch watch =
      new PullWatch(
          LIMITS,
          () -> {
            int _ = looks.incrementAndGet();
            return attended.get();
          },
          downloaded::addAndGet,
          clock::get);

  @AfterEach
  void close() {
    watch.close();
  }

  @Test
  void bytesOfEveryLayerAreCountedOnce() {
    watch.progress("a", "Downloading", 5, 12);
    watch.progress("b", "Downloading", 100, 100);
    watch.progress("a", "Downloading", 12, 12);
    watch.progress("a", "Downloading", 12, 12);
    watch.progress("a", "Extracting", 50, 90);
    watch.progress("b", "Download complete", 0, 0);

    assertThat(downloaded).hasValue(112);
  }

  @Test
  void silenceIsTheTimeSinceTheLastProgress() {
    watch.progress("layer", "Downloading", 5, 9);
    pass(30);
    assertThat(watch.silence()).isEqualTo(Duration.ofMillis(30));
    watch.progress("layer", "Downloading", 6, 9);
    assertThat(watch.silence()).isZero();
  }

  @Test
  void silenceEndsThePull() {
    watch.progress("layer", "Downloading", 5, 9);
    pass(80);

    assertThatThrownBy(this::pull).isInstanceOf(InterruptedException.class);

    watch.close();
    assertThat(Thread.interrupted()).isFalse();
    assertThat(watch.verdict("a:1"))
        .hasValueSatisfying(
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT);
              assertThat(e)
                  .hasMessageContaining("a:1")
                  .hasMessageContaining("no progress for 80 ms after \"Downloading\"");
            });
  }

  @Test
  void newBytesAndNewWordsAreProgress() {
    for (int i = 0; i < 5; i++) {
      pass(60);
      watch.progress("layer", "Downloading", i, 9);
      pass(60);
      watch.progress("layer " + i, "Pulling fs layer", 0, 9);
      awaitLook();
    }
    watch.close();
    assertThat(watch.verdict("a:1")).isEmpty();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void theSameWordsAgainAreNoProgress() {
    for (int i = 0; i < 4; i++) {
      watch.progress("layer", "Downloading", 5, 9);
      pass(20);
    }

    assertThatThrownBy(this::pull).isInstanceOf(InterruptedException.class);
  }

  @Test
  void unpackingMayBeSilentForLonger() {
    watch.progress("layer", "Extracting", 5, 9);
    pass(799);
    awaitLook();
    assertThat(watch.verdict("a:1")).isEmpty();

    pass(1);
    assertThatThrownBy(this::pull).isInstanceOf(InterruptedException.class);
  }

  /** It tells of whole mebibytes alone; at ten kilobytes a second each takes 104.8 s. */
  @Test
  void aSlowDownloadToContainerdsStoreIsGivenTheTimeOfAMebibyte() {
    try (PullWatch patient =
        new PullWatch(LIMITS.byMebibyte(true), () -> true, downloaded::addAndGet, clock::get)) {
      patient.progress("layer", "Pulling fs layer", 0, 0);
      assertThat(patient.limit()).isBetween(Duration.ofSeconds(104), Duration.ofSeconds(105));
      patient.progress("layer", "Downloading", 3 << 20, 4 << 20);
      assertThat(patient.limit()).isBetween(Duration.ofSeconds(104), Duration.ofSeconds(105));
      patient.progress("layer", "Downloading", 4 << 20, (4 << 20) + 20_000);
      assertThat(patient.limit()).isEqualTo(Duration.ofSeconds(2));
      // What comes now is unpacking, of which nothing is said.
      patient.progress("layer", "Download complete", 0, 0);
      assertThat(patient.limit()).isEqualTo(LIMITS.noProgress().multipliedBy(10));
    }
  }

  @Test
  void aPullWhoseCallersHaveGoneEndsAfterAWhile() {
    awaitLook();
    attended.set(false);
    for (int i = 0; i < 4; i++) {
      pass(50);
      watch.progress("layer", "Downloading", i, 9);
    }

    assertThatThrownBy(this::pull).isInstanceOf(InterruptedException.class);

    assertThat(watch.verdict("a:1").map(CriException::kind)).contains(Kind.CANCELLED);
  }

  @Test
  void aSlowDownloadIsGivenTheTimeToSayMore() {
    // A hundredth of this layer takes 100 ms at 10 kB/s.
    watch.progress("layer", "Downloading", 5, 100_000);
    pass(99);
    awaitLook();
    assertThat(watch.verdict("a:1")).isEmpty();

    pass(1);
    assertThatThrownBy(this::pull).isInstanceOf(InterruptedException.class);
  }

  @Test
  void aCountdownToTheNextTryIsNoProgress() {
    watch.progress("layer", "Downloading", 5, 9);
    for (int i = 4; i > 0; i--) {
      watch.progress("layer", "Retrying in " + i + " seconds", 0, 0);
      pass(20);
    }

    assertThatThrownBy(this::pull).isInstanceOf(InterruptedException.class);

    assertThat(watch.verdict("a:1"))
        .hasValueSatisfying(
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.NAMED);
              assertThat(e)
                  .hasMessageStartingWith("RegistryUnavailable: ")
                  .hasMessageContaining("Retrying in 1 seconds");
            });
  }

  @Test
  void theBytesOfAllLayersAreCounted() {
    watch.progress("1", "Pulling from a", 0, 0);
    watch.progress("x", "Downloading", 10, 100);
    watch.progress("y", "Downloading", 30, 50);
    watch.progress("y", "Verifying Checksum", 0, 0);
    watch.progress("y", "Extracting", 5, 400);
    watch.progress("z", "Already exists", 0, 0);
    pass(70);

    assertThat(watch.soFar("a:1"))
        .isEqualTo(new PullProgress("a:1", Duration.ofMillis(70), "Already exists", 60, 150));
  }

  @Test
  void aClosedWatchInterruptsNobody() {
    watch.close();
    pass(10_000);
    assertThat(watch.verdict("a:1")).isEmpty();
    assertThat(Thread.interrupted()).isFalse();
  }

  private void pull() throws InterruptedException {
    boolean _ = new CountDownLatch(1).await(10, TimeUnit.SECONDS);
  }

  private void pass(long millis) {
    clock.addAndGet(Duration.ofMillis(millis).toNanos());
  }

  private void awaitLook() {
    int before = looks.get();
    Eventually.until("the watch looks", () -> looks.get() >= before + 2);
  }
}
