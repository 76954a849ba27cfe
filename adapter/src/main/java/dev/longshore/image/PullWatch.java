package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.docker.DockerEngine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Ends a pull that makes no progress, or that nobody waits for any more, by interrupting the thread
 * that made the watch. That thread closes it; from then on there is no interrupt, and one that came
 * at the last moment is gone. Progress is a message that says something new of its layer.
 */
final class PullWatch implements DockerEngine.PullListener, AutoCloseable {
  private static final String DOWNLOADING = "Downloading";
  // Unpacking is the node's own work, and Docker is silent while it writes a large layer to disk.
  private static final int PATIENCE_WITH_THE_DISK = 10;
  private static final long MOST_UNTOLD_BYTES = 512 * 1024;
  private static final long MEBIBYTE = 1 << 20;
  // Such a download still moves.
  private static final long SLOWEST_BYTES_PER_SECOND = 10_000;
  private static final Duration LONGEST_TICK = Duration.ofSeconds(1);
  private static final int TICKS = 8;

  private final Thread worker = Thread.currentThread();
  private final Limits limits;
  private final BooleanSupplier attended;
  private final LongConsumer downloaded;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition closing = lock.newCondition();
  private final long begun;
  private final Map<String, Said> layers = new HashMap<>();
  private long lastProgress;
  private long lastAttended;
  private Optional<String> lastWords = Optional.empty();
  private Verdict verdict = Verdict.NONE;
  private boolean closed;

  /**
   * A watch of the pull that the current thread makes.
   *
   * @param attended whether a caller waits for the pull; must not block
   * @param downloaded hears of bytes that have come since it was last told; must not block
   */
  PullWatch(Limits limits, BooleanSupplier attended, LongConsumer downloaded) {
    this(limits, attended, downloaded, System::nanoTime);
  }

  PullWatch(Limits limits, BooleanSupplier attended, LongConsumer downloaded, LongSupplier clock) {
    this.limits = limits;
    this.attended = attended;
    this.downloaded = downloaded;
    this.clock = clock;
    this.begun = clock.getAsLong();
    this.lastProgress = begun;
    this.lastAttended = lastProgress;
    Thread.ofVirtual().name("pull watch").start(this::watch);
  }

  @Override
  public void progress(String layer, String status, long currentBytes, long totalBytes) {
    lock.lock();
    try {
      Said before = layers.getOrDefault(layer, Said.NOTHING);
      Said now = before.then(status, currentBytes, totalBytes);
      if (now.downloadedBytes > before.downloadedBytes) {
        downloaded.accept(now.downloadedBytes - before.downloadedBytes);
      }
      if (!now.equals(layers.put(layer, now))) {
        lastWords = Optional.of(status);
        if (!retries()) {
          lastProgress = clock.getAsLong();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** How long there has been no progress. */
  Duration silence() {
    lock.lock();
    try {
      return Duration.ofNanos(clock.getAsLong() - lastProgress);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      closing.signalAll();
      if (verdict != Verdict.NONE) {
        boolean _ = Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
  }

  /** How the pull of {@code image} stands. */
  PullProgress soFar(String image) {
    lock.lock();
    try {
      return new PullProgress(
          image,
          Duration.ofNanos(clock.getAsLong() - begun),
          lastWords.orElse(""),
          layers.values().stream().mapToLong(Said::downloadedBytes).sum(),
          layers.values().stream().mapToLong(Said::totalBytes).sum());
    } finally {
      lock.unlock();
    }
  }

  /** Why this watch ended the pull of {@code image}; empty when it did not. */
  Optional<CriException> verdict(String image) {
    lock.lock();
    try {
      return switch (verdict) {
        case NONE -> Optional.empty();
        case STALLED -> Optional.of(stalled(image));
        case UNATTENDED ->
            Optional.of(
                new CriException(
                    CriException.Kind.CANCELLED,
                    "the pull of image %s was ended: all who asked for it went away"
                        .formatted(image)));
      };
    } finally {
      lock.unlock();
    }
  }

  private CriException stalled(String image) {
    Duration silence = limit();
    String words =
        ("cannot pull image %s: it made no progress for %s%s; the registry or the way to it is slow"
                + " or dead, or --image-pull-progress-deadline is too short")
            .formatted(
                image,
                silence.toMillis() % 1000 == 0
                    ? silence.toSeconds() + " s"
                    : silence.toMillis() + " ms",
                lastWords.map(w -> " after \"" + w + "\"").orElse(""));
    return retries()
        ? new CriException(CriException.Kind.NAMED, "RegistryUnavailable: " + words)
        : new CriException(CriException.Kind.TIMED_OUT, words);
  }

  /** Docker has lost the registry in the middle of a layer, and counts down to its next try. */
  private boolean retries() {
    return lastWords.filter(words -> words.startsWith("Retrying in")).isPresent();
  }

  private void watch() {
    lock.lock();
    try {
      while (!closed && verdict == Verdict.NONE) {
        boolean _ = closing.await(tick().toNanos(), TimeUnit.NANOSECONDS);
        judge();
      }
    } catch (InterruptedException _) {
      // Nobody interrupts this thread but the end of the program.
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void judge() {
    if (closed) {
      return;
    }
    if (attended.getAsBoolean()) {
      lastAttended = clock.getAsLong();
    }
    if (isOver(lastProgress, limit())) {
      verdict = Verdict.STALLED;
    } else if (isOver(lastAttended, limits.unattended())) {
      verdict = Verdict.UNATTENDED;
    }
    if (verdict != Verdict.NONE) {
      worker.interrupt();
    }
  }

  /** How long there may be no progress now. */
  Duration limit() {
    lock.lock();
    try {
      return isLocal()
          ? limits.noProgress().multipliedBy(PATIENCE_WITH_THE_DISK)
          : longer(limits.noProgress(), silenceOfASlowDownload());
    } finally {
      lock.unlock();
    }
  }

  // containerd unpacks without a word what has been downloaded.
  private boolean isLocal() {
    return lastWords
            .filter(w -> w.startsWith("Extracting") || w.startsWith("Verifying"))
            .isPresent()
        || (limits.byMebibyte
            && layers.values().stream().anyMatch(Said::here)
            && layers.values().stream().noneMatch(layer -> layer.left() > 0));
  }

  // Docker tells of every half megabyte, or of every hundredth where that is less; for containerd's
  // store, of every whole mebibyte.
  private Duration silenceOfASlowDownload() {
    long step =
        layers.values().stream()
            .mapToLong(
                layer ->
                    limits.byMebibyte
                        ? Math.min(MEBIBYTE, layer.left())
                        : Math.min(
                            MOST_UNTOLD_BYTES, layer.downloading() ? layer.totalBytes / 100 : 0))
            .max()
            .orElse(0);
    return Duration.ofMillis(step * 1000 / SLOWEST_BYTES_PER_SECOND);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }

  private Duration tick() {
    Duration tick = limits.noProgress().dividedBy(TICKS);
    return tick.compareTo(LONGEST_TICK) > 0 ? LONGEST_TICK : tick;
  }

  private boolean isOver(long since, Duration limit) {
    return clock.getAsLong() - since >= limit.toNanos();
  }

  /**
   * How long a pull may be silent, and how long it goes on when its last caller has left: long
   * enough for a kubelet that starts anew to join it.
   *
   * @param byMebibyte whether Docker tells of downloads by the mebibyte and of no unpacking, as it
   *     does with containerd's image store (seen with 26.1 and 28.5)
   */
  record Limits(Duration noProgress, Duration unattended, boolean byMebibyte) {
    Limits(Duration noProgress, Duration unattended) {
      this(noProgress, unattended, false);
    }

    Limits byMebibyte(boolean told) {
      return new Limits(noProgress, unattended, told);
    }
  }

  private enum Verdict {
    NONE,
    STALLED,
    UNATTENDED
  }

  /** What was said of a layer last, and how much of it is here. */
  private record Said(String status, long bytes, long downloadedBytes, long totalBytes) {
    static final Said NOTHING = new Said("", 0, 0, 0);
    private static final Set<String> LATER =
        Set.of("Verifying Checksum", "Download complete", "Extracting", "Pull complete");

    /** Bytes that are still to come, as far as that is known. */
    long left() {
      return switch (status) {
        case "Pulling fs layer" -> Long.MAX_VALUE;
        case DOWNLOADING -> Math.max(0, totalBytes - downloadedBytes);
        default -> 0;
      };
    }

    boolean here() {
      return LATER.contains(status);
    }

    boolean downloading() {
      return status.equals(DOWNLOADING) && downloadedBytes < totalBytes;
    }

    Said then(String now, long current, long total) {
      boolean downloading = now.equals(DOWNLOADING);
      long all = downloading ? Math.max(total, totalBytes) : totalBytes;
      long here = LATER.contains(now) ? all : downloadedBytes;
      return new Said(now, current, downloading ? current : here, all);
    }
  }
}
