package dev.longshore.network;

import dev.longshore.common.Deadline;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the network configuration read again whenever a file it depends on changes, as inotify tells.
 * Where the kernel refuses to watch (inotify's limits), files are looked at every five seconds. One
 * virtual thread; reading happens on it.
 */
final class ConfigWatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigWatcher.class);

  private static final Duration QUIET = Duration.ofMillis(100);
  private static final Duration QUIET_AT_MOST = Duration.ofSeconds(1);
  private static final Pace PACE =
      new Pace(Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofMinutes(1));
  private static final Duration FOR_EVER = Duration.ofDays(365);
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
  private static final int SETTLE_TRIES = 5;

  private final Reader reader;
  private final @Nullable WatchService service;
  private final Map<WatchKey, Path> keys = new HashMap<>();
  private WatchPoints points;
  private boolean blind;
  private final Pace pace;
  private Duration retry;
  private volatile boolean closed;
  private final Thread thread;

  /** {@code folders} are watched from before the first reading. */
  ConfigWatcher(List<Path> folders, Reader reader) {
    this(folders, reader, PACE, open());
  }

  /** Without a service, looks at the pace given. */
  ConfigWatcher(List<Path> folders, Reader reader, Pace pace, @Nullable WatchService service) {
    this.reader = reader;
    this.pace = pace;
    this.retry = pace.firstRetry();
    this.points = points(new Found(folders, List.of(), false));
    this.service = service;
    this.thread = Thread.ofVirtual().name("cni-config").unstarted(this::run);
  }

  /** Reads for the first time, and again at every change. */
  void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        log.debug("closing the watch on CNI's configuration: {}", e.toString());
      }
    }
    awaitEnd();
  }

  /** Lets a reading under way end, so that no plugin runs any more when the caller goes on. */
  private void awaitEnd() {
    try {
      if (thread.getState() != Thread.State.NEW && !thread.join(CLOSE_PATIENCE)) {
        log.warn(
            "CNI's configuration is still being read {} s after the end",
            CLOSE_PATIENCE.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable WatchService open() {
    try {
      return FileSystems.getDefault().newWatchService();
    } catch (IOException | UnsupportedOperationException e) {
      log.warn(
          "cannot watch CNI's configuration ({}), looking every {} s instead; raise"
              + " fs.inotify.max_user_instances",
          e.toString(),
          PACE.unwatched().toSeconds());
      return null;
    }
  }

  private void run() {
    try {
      while (!closed) {
        Found found = settle();
        retry = found.trouble() ? retry : pace.firstRetry();
        await(found.trouble());
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      log.debug("no longer watching CNI's configuration");
    }
  }

  /** Reads until all it read was being watched before it was read. */
  private Found settle() {
    for (int i = 1; ; i++) {
      watch();
      Found found = read();
      WatchPoints wanted = points(found);
      boolean settled = wanted.equals(points) || i == SETTLE_TRIES;
      points = wanted;
      if (settled) {
        return found;
      }
    }
  }

  private Found read() {
    try {
      return reader.read();
    } catch (RuntimeException e) {
      log.error("reading CNI's configuration failed", e);
      return new Found(List.of(), List.of(), true);
    }
  }

  private static WatchPoints points(Found found) {
    WatchPoints points = new WatchPoints();
    found.folders().forEach(points::addFolder);
    found.files().forEach(points::addFile);
    return points;
  }

  private void watch() {
    blind = service == null;
    Set<WatchKey> current = new HashSet<>();
    for (Path folder : points.folders()) {
      register(folder, current);
    }
    keys.keySet().stream().filter(key -> !current.contains(key)).forEach(WatchKey::cancel);
    keys.keySet().retainAll(current);
  }

  private void register(Path folder, Set<WatchKey> current) {
    if (service == null) {
      return;
    }
    try {
      WatchKey key =
          folder.register(
              service,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_DELETE,
              StandardWatchEventKinds.ENTRY_MODIFY);
      keys.put(key, folder);
      current.add(key);
    } catch (IOException e) {
      log.debug("cannot watch {}: {}", folder, e.toString());
      blind = true;
    }
  }

  /** Returns when a change that matters has come and no other has followed for a moment. */
  private void await(boolean trouble) throws InterruptedException {
    Duration patience = blind ? pace.unwatched() : FOR_EVER;
    if (trouble && retry.compareTo(patience) < 0) {
      patience = retry;
      Duration doubled = retry.multipliedBy(2);
      retry = doubled.compareTo(pace.lastRetry()) < 0 ? doubled : pace.lastRetry();
    }
    if (!poll(patience)) {
      return;
    }
    // An installer writes many times; half of what it writes is not worth reading.
    Deadline atLatest = Deadline.in(QUIET_AT_MOST);
    while (!atLatest.passed() && poll(QUIET)) {}
  }

  /** Waits for a change that matters; false when none came within the time. */
  private boolean poll(Duration time) throws InterruptedException {
    Deadline end = Deadline.in(time);
    while (!end.passed()) {
      if (service == null) {
        Thread.sleep(end.left());
      } else {
        WatchKey key = service.poll(end.left().toNanos(), TimeUnit.NANOSECONDS);
        if (key != null && matters(key)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean matters(WatchKey key) {
    Path folder = keys.get(key);
    boolean matters = false;
    for (WatchEvent<?> event : key.pollEvents()) {
      Object name = event.context(); // null when events were lost
      matters |= folder != null && (name == null || points.concern(folder, name.toString()));
    }
    // A key that cannot be reset is of a folder that has gone.
    return (!key.reset() && keys.remove(key) != null) || matters;
  }

  /**
   * How often to read without being told of a change.
   *
   * @param unwatched where the kernel does not tell
   * @param firstRetry after trouble; doubled each time, up to {@code lastRetry}
   */
  record Pace(Duration unwatched, Duration firstRetry, Duration lastRetry) {}

  /** Reads the configuration. */
  interface Reader {
    /** What the configuration depends on; never throws for a bad configuration. */
    Found read();
  }

  /**
   * What to watch, and whether something failed that may pass without any file changing.
   *
   * @param folders every change in them matters
   * @param files only these matter in their folders
   */
  record Found(List<Path> folders, List<Path> files, boolean trouble) {
    Found {
      folders = List.copyOf(folders);
      files = List.copyOf(files);
    }
  }
}
