package dev.longshore.logs;

import dev.longshore.common.FileFailures;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When one container's output is copied: on every change of Docker's folder, again after a failure,
 * and to the end once the container has ended. Thread-safe; steps run on the copying threads.
 */
final class Following {
  private static final Logger log = LoggerFactory.getLogger(Following.class);
  private static final Duration SAVE_AFTER = Duration.ofSeconds(1);
  private static final Duration SEEK_AGAIN = Duration.ofMillis(50);
  private static final Duration SEEK_PATIENCE = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final ContainerLog copying;
  private final DockerEngine engine;
  private final FolderWatch watch;
  private final CopyThreads threads;
  private final LogFigures figures;
  private final Runnable onDone;

  /** How often something was said to be there, and how many of those were copied. */
  private final AtomicLong wakes = new AtomicLong();

  private final AtomicLong caughtUp = new AtomicLong();
  private volatile long behindSince;
  private final AtomicBoolean queued = new AtomicBoolean();
  private final AtomicBoolean saving = new AtomicBoolean();
  private final AtomicBoolean connected = new AtomicBoolean();
  private final CountDownLatch done = new CountDownLatch(1);

  /** Opens once it is known where the output is; what was never connected has none. */
  private final CountDownLatch sought = new CountDownLatch(1);

  private volatile @Nullable LogSource source;
  private volatile boolean ended;
  private volatile boolean removed;
  private volatile @Nullable String trouble;
  private volatile boolean resting;
  private volatile Duration pause = FIRST_PAUSE;
  private volatile @Nullable Integer watchNumber;

  /** {@code onDone} is called once, when everything has been copied. */
  Following(
      ContainerLog copying,
      DockerEngine engine,
      FolderWatch watch,
      CopyThreads threads,
      LogFigures figures,
      Runnable onDone) {
    this.copying = copying;
    this.engine = engine;
    this.watch = watch;
    this.threads = threads;
    this.figures = figures;
    this.onDone = onDone;
  }

  ContainerLog log() {
    return copying;
  }

  /** Why nothing can be copied now, as a sentence. */
  Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** How long output has waited to be copied; zero when there is none. */
  Duration lag() {
    return wakes.get() == caughtUp.get()
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, System.nanoTime() - behindSince));
  }

  /** Whether copying to the end may be expected within moments. */
  boolean mayComplete() {
    return trouble == null;
  }

  /** Has what there is copied soon; after a failure, when some time has passed. */
  void wake() {
    if (wakes.getAndIncrement() == caughtUp.get()) {
      behindSince = System.nanoTime();
    }
    if (!resting && queued.compareAndSet(false, true)) {
      threads.execute(this::step);
    }
  }

  /**
   * The container has run: looks for its spool and watches it. Once is enough.
   *
   * @param dockerRoot asked again while it does not know
   */
  void connect(EngineContainer container, Supplier<Optional<Path>> dockerRoot) {
    if (connected.compareAndSet(false, true)) {
      threads.execute(_ -> seek(container, dockerRoot));
    } else {
      wake();
    }
  }

  private void seek(EngineContainer container, Supplier<Optional<Path>> dockerRoot) {
    Optional<Path> root = dockerRoot.get();
    if (root.isEmpty()) {
      threads.execute(_ -> seek(container, dockerRoot), SEEK_AGAIN);
      return;
    }
    Spool.of(container, root.get())
        .ifPresentOrElse(
            this::watch,
            () -> take(new ApiReader(engine, container.id(), this::wake, this::unreadable)));
    sought.countDown();
    wake();
  }

  private void take(LogSource found) {
    source = found;
    copying.source(found);
    if (ended) {
      found.ending();
    }
  }

  private void watch(Spool spool) {
    take(new SpoolReader(spool));
    try {
      watchNumber = watch.add(spool.folder(), this::wake);
    } catch (IOException e) {
      trouble("Docker's folder of it cannot be watched: " + FileFailures.reason(e));
      poll();
    }
  }

  private void unreadable() {
    trouble("Docker cannot read back what its logging driver takes");
    threads.execute(_ -> explain());
  }

  private void explain() {
    try {
      copying.explain(
          "longshore: nothing of this container's output is here: Docker cannot read back what its"
              + " logging driver takes");
    } catch (IOException e) {
      log.warn("cannot write to {}: {}", copying.path(), FileFailures.reason(e));
    }
  }

  private void poll() {
    if (!isDone()) {
      wake();
      threads.execute(_ -> poll(), LONGEST_PAUSE);
    }
  }

  /**
   * From the return on everything goes to a new file, unless the old one is still in its place.
   *
   * @throws IOException when that cannot be done now; the old file is written on
   */
  void reopen() throws IOException, InterruptedException {
    if (!isSought()) {
      boolean _ = sought.await(SEEK_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
    copying.reopen(new CopyBuffers(figures));
  }

  /** Everything is to be copied to the end now. */
  void end() {
    ended = true;
    LogSource known = source;
    if (known != null) {
      known.ending();
    }
    wake();
  }

  /** Waits until everything has been copied; false when that has not come about in time. */
  boolean awaitDone(Duration time) throws InterruptedException {
    return done.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The container is gone: what can still be read is copied, if that can be done at once. */
  void removed() {
    removed = true;
    end();
  }

  /** At the end of the process, when the copying threads have stopped. */
  void close() {
    try {
      copying.close(false);
    } catch (IOException e) {
      log.warn("cannot note how far {} goes: {}", copying.path(), FileFailures.reason(e));
    }
  }

  private void step(CopyBuffers buffers) {
    queued.set(false);
    long seen = wakes.get();
    // Docker has written everything by the time it tells of an end.
    boolean last = ended && isSought();
    try {
      if (copying.step(buffers, last)) {
        wake();
      } else {
        caughtUp(seen);
        if (last && copying.isWhole()) {
          finish();
        }
      }
      saveSoon();
      recovered();
    } catch (IOException e) {
      trouble(FileFailures.reason(e));
      if (removed) {
        drop();
        return;
      }
      resting = true;
      threads.execute(_ -> goOn(), pause);
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }
  }

  /** A change that came during the step has queued another one, and only its wait counts then. */
  private void caughtUp(long seen) {
    if (caughtUp.accumulateAndGet(seen, Math::max) < wakes.get()) {
      behindSince = System.nanoTime();
    }
  }

  private void goOn() {
    resting = false;
    wake();
  }

  private void finish() throws IOException {
    Integer number = watchNumber;
    if (number != null) {
      watch.remove(number);
    }
    copying.close(true);
    onDone.run();
    done.countDown();
  }

  private void drop() {
    try {
      finish();
    } catch (IOException e) {
      log.warn("{} is given up: {}", copying.path(), FileFailures.reason(e));
      onDone.run();
    }
  }

  private boolean isSought() {
    return !connected.get() || sought.getCount() == 0;
  }

  private boolean isDone() {
    return done.getCount() == 0;
  }

  private void saveSoon() {
    if (!isDone() && saving.compareAndSet(false, true)) {
      threads.execute(_ -> save(), SAVE_AFTER);
    }
  }

  private void save() {
    saving.set(false);
    try {
      copying.save();
    } catch (IOException e) {
      log.warn("cannot note how far {} goes: {}", copying.path(), FileFailures.reason(e));
    }
  }

  private void trouble(String why) {
    if (trouble == null) {
      String sentence =
          "the log of container %s cannot be written to %s: %s; the container runs on"
              .formatted(copying.id().shortForm(), copying.path(), why);
      log.warn("{}", sentence);
      trouble = sentence;
    }
  }

  private void recovered() {
    if (trouble != null && !pause.equals(FIRST_PAUSE)) {
      log.info("the log of container {} is written again", copying.id().shortForm());
      trouble = null;
      pause = FIRST_PAUSE;
    }
  }
}
