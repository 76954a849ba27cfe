package dev.longshore.logs;

import dev.longshore.kernel.Inotify;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that hears which folders change, from the first one on. Thread-safe. */
final class FolderWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FolderWatch.class);

  /**
   * Between two looks. What changes meanwhile is told once, however often it changes: at a hundred
   * thousand lines a second the telling would cost more than the copying.
   */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final Map<Integer, Runnable> hearers = new ConcurrentHashMap<>();
  private volatile @Nullable Inotify started;
  private volatile boolean closed;

  private Inotify inotify() throws IOException {
    Inotify known = started;
    return known == null ? start() : known;
  }

  private synchronized Inotify start() throws IOException {
    Inotify known = started;
    if (known != null) {
      return known;
    }
    Inotify inotify = new Inotify();
    Thread.ofPlatform().daemon().name("container-logs-watch").start(() -> run(inotify));
    started = inotify;
    return inotify;
  }

  /** From now on {@code hearer} hears of changes in the folder; it must not wait. */
  int add(Path folder, Runnable hearer) throws IOException {
    int number = inotify().watch(folder);
    hearers.put(number, hearer);
    return number;
  }

  void remove(int number) {
    Inotify inotify = started;
    if (hearers.remove(number) != null && inotify != null && !closed) {
      inotify.forget(number);
    }
  }

  private void run(Inotify inotify) {
    try (inotify) {
      while (!closed) {
        Set<Integer> changed = inotify.await();
        if (changed.isEmpty()) {
          hearers.values().forEach(Runnable::run);
        }
        for (Integer number : changed) {
          Runnable hearer = hearers.get(number);
          if (hearer != null) {
            hearer.run();
          }
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (IOException e) {
      log.error("container logs are not followed any more; restart Longshore: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    boolean before = closed;
    closed = true;
    Inotify inotify = started;
    if (before || inotify == null) {
      return;
    }
    try {
      inotify.forget(inotify.watch(Path.of("/"))); // The end of a watch is an event, too.
    } catch (IOException e) {
      log.debug("the watch of container logs ends with the process: {}", e.getMessage());
    }
  }
}
