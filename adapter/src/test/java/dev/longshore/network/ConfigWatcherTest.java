package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.network.ConfigWatcher.Found;
import dev.longshore.network.ConfigWatcher.Pace;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigWatcherTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration SOON = Duration.ofMillis(5);

  private final Semaphore readings = new Semaphore(0);
  private final AtomicInteger troubles = new AtomicInteger();

  @TempDir Path folder = Path.of("");

  private Found read() {
    readings.release();
    return new Found(List.of(folder), List.of(), troubles.getAndDecrement() > 0);
  }

  private ConfigWatcher watcher(Pace pace, @Nullable WatchService service) {
    ConfigWatcher watcher = new ConfigWatcher(List.of(folder), this::read, pace, service);
    watcher.start();
    return watcher;
  }

  private void assertReadings(int atLeast) throws InterruptedException {
    assertThat(readings.tryAcquire(atLeast, 20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whereTheKernelDoesNotTellTheFilesAreLookedAtAgainAndAgain() throws Exception {
    try (ConfigWatcher _ = watcher(new Pace(SOON, NEVER, NEVER), null)) {
      assertReadings(5);
    }
  }

  @Test
  void troubleIsLookedAtAgainUntilItHasPassedAndNoLonger() throws Exception {
    troubles.set(3);
    WatchService service = FileSystems.getDefault().newWatchService();
    try (ConfigWatcher _ = watcher(new Pace(NEVER, SOON, SOON), service)) {
      assertReadings(4);
      assertThat(readings.tryAcquire(100, TimeUnit.MILLISECONDS)).isFalse();
      Files.writeString(folder.resolve("a.conf"), "");
      assertReadings(1);
    }
  }

  @Test
  void aReadingThatThrowsIsTriedAgain() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    ConfigWatcher watcher =
        new ConfigWatcher(
            List.of(folder),
            () -> {
              if (attempts.incrementAndGet() < 3) {
                throw new IllegalStateException("a bug");
              }
              return read();
            },
            new Pace(NEVER, SOON, SOON),
            FileSystems.getDefault().newWatchService());
    try (watcher) {
      watcher.start();
      assertReadings(1);
    }
  }
}
