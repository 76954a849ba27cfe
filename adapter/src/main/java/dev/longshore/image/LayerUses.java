package dev.longshore.image;

import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.EngineInfo;
import dev.longshore.kernel.MountInfo;
import dev.longshore.kernel.Nice;
import dev.longshore.kernel.Spare;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the layers of images and containers take of the disk, as of lately. One thread of the lowest
 * priority looks, a tenth of its time at most: once somebody has asked, after every change of
 * images, and for a question when what is known is older than half a minute and than fifty times
 * what the look took. Nobody waits for it. Thread-safe.
 */
public final class LayerUses implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LayerUses.class);

  private static final Duration LEAST_AGE = Duration.ofSeconds(30);
  private static final int AGE_PER_WORK = 50;
  // Images come with several events each.
  private static final Duration GATHERING = Duration.ofMillis(500);
  private static final Duration IDLE = Duration.ofSeconds(10);

  private final Supplier<Optional<EngineInfo>> docker;
  private final Supplier<List<MountInfo>> mounts;
  private final InstantSource clock;
  private final Spare pace = new Spare(System::nanoTime, Thread::sleep);
  private final LayerWalk walk = new LayerWalk(pace);
  private final AtomicBoolean queued = new AtomicBoolean();
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          IDLE.toSeconds(),
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          work ->
              Thread.ofPlatform().daemon().name("longshore-images").unstarted(() -> last(work)));
  private volatile boolean wanted;
  private volatile Optional<LayerUse> use = Optional.empty();
  // On the monotonic clock.
  private volatile long due = System.nanoTime();

  /**
   * @param docker who the daemon is, if it has said so; must not wait
   * @param mounts those of this host
   */
  public LayerUses(
      Supplier<Optional<EngineInfo>> docker,
      Supplier<List<MountInfo>> mounts,
      InstantSource clock) {
    this.docker = docker;
    this.mounts = mounts;
    this.clock = clock;
    worker.allowCoreThreadTimeOut(true);
  }

  /**
   * What is known, which is nothing yet for the first who asks, and nothing ever where layers are
   * not kept in folders that can be seen; does not wait.
   */
  Optional<LayerUse> lately() {
    wanted = true;
    if (System.nanoTime() - due >= 0) {
      queue();
    }
    return use;
  }

  /** A folder of the disk that has the layers. */
  Path root(EngineInfo engine) {
    return LayerFolders.root(engine, mounts.get());
  }

  /** Hears that images change; never blocks. */
  public void onEvent(EngineEvent event) {
    if (wanted && event.type() == EngineEvent.Type.IMAGE) {
      queue();
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }

  private void queue() {
    if (!worker.isShutdown() && queued.compareAndSet(false, true)) {
      worker.execute(this::look);
    }
  }

  private void look() {
    try {
      Thread.sleep(use.isPresent() ? GATHERING : Duration.ZERO);
      // What changes from here on is looked at again.
      queued.set(false);
      pace.begin();
      Optional<EngineInfo> info = docker.get();
      Optional<LayerFolders> folders =
          info.isPresent() ? LayerFolders.find(info.get(), mounts.get()) : Optional.empty();
      use =
          folders.isPresent()
              ? Optional.of(walk.look(folders.get(), clock.instant()))
              : Optional.empty();
      due = System.nanoTime() + Math.max(LEAST_AGE.toNanos(), pace.end() * AGE_PER_WORK);
    } catch (IOException e) {
      use = Optional.empty();
      due = System.nanoTime() + LEAST_AGE.toNanos() * AGE_PER_WORK;
      log.warn("what images take of the disk is estimated: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void last(Runnable work) {
    try {
      Nice.last();
    } catch (IOException e) {
      log.debug("images are looked at with usual priority: {}", e.getMessage());
    }
    work.run();
  }
}
