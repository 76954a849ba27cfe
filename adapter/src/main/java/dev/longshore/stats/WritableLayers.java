package dev.longshore.stats;

import dev.longshore.common.ContainerId;
import dev.longshore.kernel.FileStat;
import dev.longshore.kernel.Nice;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Spare;
import dev.longshore.kernel.TreeUse;
import dev.longshore.view.ChangeListener;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much running containers have written to their own file systems, where those are overlays. One
 * thread of the lowest priority walks them, a tenth of its time at most: a new container's at once,
 * others when they are asked for and what is known is older than ten seconds and than fifty times
 * what the walk took. Nobody waits for it. Holds one entry per running container. Thread-safe.
 */
public final class WritableLayers implements ChangeListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(WritableLayers.class);

  private static final Duration LEAST_AGE = Duration.ofSeconds(10);
  private static final int AGE_PER_WORK = 50;
  private static final Duration IDLE = Duration.ofSeconds(30);
  // …/<root>/overlay2/<layer>/diff and …/<root>/snapshots/<layer>/fs
  private static final int BELOW_ROOT = 3;

  private final Processes processes;
  private final Supplier<Optional<Path>> dockerRoot;
  private final InstantSource clock = InstantSource.system();
  private final Spare pace = new Spare(System::nanoTime, Thread::sleep);
  private final Map<Run, Layer> layers = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor worker =
      new ThreadPoolExecutor(
          1,
          1,
          IDLE.toSeconds(),
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          work ->
              Thread.ofPlatform().daemon().name("longshore-layers").unstarted(() -> last(work)));

  /** {@code dockerRoot} is Docker's root folder, once it is known; it must not wait. */
  public WritableLayers(Processes processes, Supplier<Optional<Path>> dockerRoot) {
    this.processes = processes;
    this.dockerRoot = dockerRoot;
    worker.allowCoreThreadTimeOut(true);
  }

  /** What is known of a container, which may be nothing yet; does not wait. */
  Optional<LayerUse> of(ContainerView container) {
    return Run.of(container).flatMap(this::of);
  }

  private Optional<LayerUse> of(Run run) {
    Layer layer = layers.get(run);
    if (layer == null) {
      return Optional.empty();
    }
    if (System.nanoTime() - layer.due >= 0) {
      queue(run, layer);
    }
    return layer.use;
  }

  @Override
  public void changed(Snapshot before, Snapshot after, ContainerId id) {
    Optional<Run> old = run(before, id);
    Optional<Run> now = run(after, id);
    if (!old.equals(now)) {
      old.ifPresent(layers::remove);
      now.ifPresent(run -> queue(run, layers.computeIfAbsent(run, _ -> new Layer())));
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }

  private static Optional<Run> run(Snapshot snapshot, ContainerId id) {
    return snapshot.container(id.value()).flatMap(Run::of);
  }

  private void queue(Run run, Layer layer) {
    if (!worker.isShutdown() && layer.queued.compareAndSet(false, true)) {
      worker.execute(() -> look(run, layer));
    }
  }

  private void look(Run run, Layer layer) {
    pace.begin();
    try {
      if (layers.get(run) == layer) {
        layer.use = walk(run);
      }
      layer.due = due(pace.end());
    } catch (IOException e) {
      layer.use = Optional.empty();
      layer.due = System.nanoTime() + IDLE.toNanos() * AGE_PER_WORK;
      log.warn(
          "the writable layer of container {} is in no stats: {}",
          run.id().shortForm(),
          e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      layer.queued.set(false);
    }
  }

  private static long due(long workNanos) {
    return System.nanoTime() + Math.max(LEAST_AGE.toNanos(), workNanos * AGE_PER_WORK);
  }

  private Optional<LayerUse> walk(Run run) throws IOException, InterruptedException {
    Optional<Path> upper = processes.upperFolder(run.pid()).flatMap(this::absolute);
    // Looked at after the reading: a pid that still belongs to the container did so all the time.
    if (upper.isEmpty() || !processes.isInCgroup(run.pid(), run.id().value())) {
      return Optional.empty();
    }
    Optional<FileStat> folder = FileStat.of(upper.get());
    if (folder.isEmpty()) {
      return Optional.empty();
    }
    var time = clock.instant();
    TreeUse use = TreeUse.of(upper.get(), pace);
    return Optional.of(
        new LayerUse(time, root(upper.get()), folder.get().device(), use.bytes(), use.inodes()));
  }

  /** Docker mounts with paths relative to its layers when the options would be too long. */
  private Optional<Path> absolute(Path upper) {
    return upper.isAbsolute()
        ? Optional.of(upper)
        : dockerRoot.get().map(root -> root.resolve("overlay2").resolve(upper));
  }

  private static Path root(Path upper) {
    Path root = upper;
    for (int i = 0; i < BELOW_ROOT && root.getParent() != null; i++) {
      root = root.getParent();
    }
    return root;
  }

  private static void last(Runnable work) {
    try {
      Nice.last();
    } catch (IOException e) {
      log.debug("writable layers are looked at with usual priority: {}", e.getMessage());
    }
    work.run();
  }

  private static final class Layer {
    private final AtomicBoolean queued = new AtomicBoolean();
    private volatile Optional<LayerUse> use = Optional.empty();
    // On the monotonic clock.
    private volatile long due = System.nanoTime();
  }
}
