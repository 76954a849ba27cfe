package dev.longshore.logs;

import dev.longshore.checkpoint.LogRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.metrics.Source;
import dev.longshore.view.ChangeListener;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the output of all containers that run to their logs. One thread waits for the kernel to
 * tell which of Docker's folders changed, two copy; a container that is silent has an object and a
 * watch, nothing else. Thread-safe; nothing here waits, but {@link #ended}.
 */
public final class LogFollower implements ChangeListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogFollower.class);

  /** How long an exit waits for the last lines before it is told. */
  private static final Duration LAST_LINES = Duration.ofSeconds(2);

  private final LogRecords records;
  private final DockerEngine engine;
  private final Supplier<Optional<Path>> dockerRoot;
  private final InstantSource clock;
  private final boolean asLinks;
  private final Map<ContainerId, Following> logs = new ConcurrentHashMap<>();

  /** Containers with a record that have not been seen since the start. */
  private final Set<ContainerId> unseen = ConcurrentHashMap.newKeySet();

  /** Whether all containers have been seen once. */
  private volatile boolean synced;

  private final LogFigures figures = new LogFigures(logs.values());
  private final FolderWatch watch = new FolderWatch();
  private final CopyThreads threads;

  /**
   * A follower of nothing yet.
   *
   * @param engine asked for output of which Docker keeps no file
   * @param dockerRoot where Docker keeps its data; empty while that is not known
   * @param asLinks whether new logs are links to Docker's files, where those are readable text
   */
  public LogFollower(
      LogRecords records,
      DockerEngine engine,
      Supplier<Optional<Path>> dockerRoot,
      InstantSource clock,
      boolean asLinks) {
    this.records = records;
    this.engine = engine;
    this.asLinks = asLinks;
    this.dockerRoot = dockerRoot;
    this.clock = clock;
    try {
      unseen.addAll(records.ids());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot follow the logs of containers", e);
    }
    threads = new CopyThreads(figures);
  }

  @Override
  public void changed(Snapshot before, Snapshot after, ContainerId id) {
    Optional<ContainerView> now = after.container(id.value());
    if (now.isEmpty()) {
      if (before.container(id.value()).isPresent()) {
        removed(id);
      }
      return;
    }
    switch (now.get().engine().state()) {
      case EngineState.Created _, EngineState.Running _ ->
          follow(now.get().engine(), now.get().logPath());
      case EngineState.Exited _ ->
          followEnded(now.get().engine(), now.get().logPath()).ifPresent(Following::end);
    }
  }

  /**
   * An ended container's last lines are copied before anybody is told of its end. Waits for that,
   * two seconds at most.
   *
   * @param container as Docker described it, ended
   */
  public void ended(EngineContainer container) {
    ContainerId id = container.id();
    String logPath = container.labels().getOrDefault(KubeLabels.LOG_PATH, "");
    Optional<Following> found = followEnded(container, logPath).filter(Following::mayComplete);
    if (found.isEmpty()) {
      return;
    }
    Following following = found.get();
    following.end();
    try {
      if (!following.awaitDone(LAST_LINES)) {
        log.warn(
            "container {} ({}) is told to have ended before its last lines are in {}",
            container.name(),
            id.shortForm(),
            logPath);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * All containers have been looked at for the first time: drops the records of those that have
   * gone while nobody looked.
   *
   * @param existing what Docker lists, described or not
   */
  public void forgetAllBut(Set<ContainerId> existing) {
    synced = true;
    List<ContainerId> gone = unseen.stream().filter(id -> !existing.contains(id)).toList();
    gone.forEach(unseen::remove);
    for (ContainerId id : gone) {
      try {
        records.delete(id);
      } catch (IOException e) {
        log.warn("cannot remove the log position of container {}: {}", id, e.getMessage());
      }
    }
  }

  /**
   * From the return on what a running container writes goes to a new file, unless the old one is
   * still in its place. Waits some moments at most.
   *
   * @throws IOException when that cannot be done now; the old file is written on
   */
  void reopen(ContainerView container) throws IOException, InterruptedException {
    following(container.engine(), container.logPath()).reopen();
  }

  /** Whether a container's output is being copied. */
  boolean follows(ContainerId id) {
    return logs.containsKey(id);
  }

  /** The copying, as metrics. */
  public Source figures() {
    return figures;
  }

  /** What the operator should know, sentence by sentence. */
  public List<String> warnings() {
    return logs.values().stream().flatMap(following -> following.trouble().stream()).toList();
  }

  private void follow(EngineContainer container, String logPath) {
    unseen.remove(container.id());
    if (!logPath.isEmpty()) {
      following(container, logPath);
    }
  }

  private Following following(EngineContainer container, String logPath) {
    ContainerId id = container.id();
    Following following =
        logs.computeIfAbsent(
            id,
            _ ->
                new Following(
                    new ContainerLog(id, Path.of(logPath), records, clock, asLinks),
                    engine,
                    watch,
                    threads,
                    figures,
                    () -> logs.remove(id)));
    if (hasRun(container.state())) {
      following.connect(container, dockerRoot);
    } else {
      following.wake();
    }
    return following;
  }

  /** Empty for one whose output has been copied already, or never was. */
  private Optional<Following> followEnded(EngineContainer container, String logPath) {
    ContainerId id = container.id();
    if (unseen.contains(id) || logs.containsKey(id) || neverBegun(container, logPath)) {
      follow(container, logPath);
    }
    return Optional.ofNullable(logs.get(id));
  }

  /** Whether it came and went while there was no process to follow it. */
  private boolean neverBegun(EngineContainer container, String logPath) {
    return !synced
        && hasRun(container.state())
        && !logPath.isEmpty()
        && !Files.exists(Path.of(logPath), LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean hasRun(EngineState state) {
    return switch (state) {
      case EngineState.Created() -> false;
      case EngineState.Running _ -> true;
      case EngineState.Exited exited -> exited.startedAt().isPresent();
    };
  }

  private void removed(ContainerId id) {
    unseen.remove(id);
    Optional.ofNullable(logs.get(id)).ifPresent(Following::removed);
  }

  /** Ends all copying, at a place from where the next process goes on. */
  @Override
  public void close() {
    watch.close();
    threads.close();
    logs.values().forEach(Following::close);
  }
}
