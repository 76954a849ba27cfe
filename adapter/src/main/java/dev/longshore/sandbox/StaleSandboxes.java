package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back, in the background, the networks of sandboxes that will never be ready again: those
 * that died with the machine or with Docker, those half-made by an earlier process, and those
 * removed behind our back, of which nobody will ask us to take them down. What fails is tried again
 * on the next occasion. Thread-safe.
 */
public final class StaleSandboxes {
  private static final Logger log = LoggerFactory.getLogger(StaleSandboxes.class);
  private static final Duration BUDGET = Duration.ofMinutes(4);
  private static final int AT_A_TIME = 8;

  private final Map<ContainerId, FutureTask<Boolean>> pending = new ConcurrentHashMap<>();
  private final Semaphore slots = new Semaphore(AT_A_TIME);
  private final DockerEngine engine;
  private final SandboxRecords records;
  private final SandboxWork work;
  private final SandboxNetworks networks;

  public StaleSandboxes(
      DockerEngine engine, SandboxRecords records, SandboxWork work, SandboxNetworks networks) {
    this.engine = engine;
    this.records = records;
    this.work = work;
    this.networks = networks;
  }

  /** Begins to take back all that {@code connected}, the first view of a connection, gives up. */
  void begin(Snapshot connected) {
    Map<ContainerId, EngineContainer> there = sandboxes(connected);
    for (SandboxRecord sandbox : records.all()) {
      if (isStale(sandbox, Optional.ofNullable(there.get(sandbox.id())))) {
        begin(sandbox);
      }
    }
  }

  /**
   * Begins to take back what was removed behind our back, and waits for all that is under way, at
   * most until the deadline: what is not done by then goes on.
   */
  void settle(Supplier<Snapshot> snapshots, Deadline deadline) {
    // Records first: one that is complete by now is in any snapshot taken later.
    Collection<SandboxRecord> known = records.all();
    Map<ContainerId, EngineContainer> there = sandboxes(snapshots.get());
    for (SandboxRecord sandbox : known) {
      if (!there.containsKey(sandbox.id())) {
        begin(sandbox);
      }
    }
    await(deadline);
  }

  /** Waits for all that is under way. */
  void await(Deadline deadline) {
    pending.values().forEach(task -> await(task, deadline));
  }

  private static Map<ContainerId, EngineContainer> sandboxes(Snapshot snapshot) {
    return snapshot.sandboxes().stream()
        .map(SandboxView::engine)
        .collect(Collectors.toMap(EngineContainer::id, Function.identity()));
  }

  private boolean isStale(SandboxRecord sandbox, Optional<EngineContainer> container) {
    return container.isEmpty()
        || (sandbox.phase() != Phase.RELEASED && !records.ready(container.get()));
  }

  private void begin(SandboxRecord sandbox) {
    if (work.isBeingMade(sandbox.name().toDockerName())) {
      return;
    }
    FutureTask<Boolean> task = new FutureTask<>(() -> takeBack(sandbox));
    if (pending.putIfAbsent(sandbox.id(), task) == null) {
      Thread.ofVirtual().name("stale pod sandbox " + sandbox.id()).start(task);
    }
  }

  private boolean takeBack(SandboxRecord sandbox) throws InterruptedException {
    slots.acquire();
    try (var _ = work.lock(sandbox.name().toDockerName(), Deadline.in(BUDGET))) {
      takeBackLocked(sandbox.id(), Deadline.in(BUDGET));
    } catch (CriException e) {
      log.warn(
          "cannot take back the network of stale pod sandbox {}: {}; it is tried again",
          SandboxNames.shown(sandbox.name()),
          e.getMessage());
    } finally {
      slots.release();
      pending.remove(sandbox.id());
    }
    return true;
  }

  /** Asks again, now that nobody else is at work: what called for this may be over. */
  private void takeBackLocked(ContainerId id, Deadline deadline) {
    Optional<SandboxRecord> left = records.find(id);
    if (left.isEmpty()) {
      return;
    }
    Optional<EngineContainer> container = engine.inspect(id.value(), deadline);
    if (!isStale(left.get(), container)) {
      return;
    }
    FoundSandbox found = new FoundSandbox(id, left.get().name(), container, left);
    networks.release(found, deadline);
    if (container.isEmpty()) {
      records.remove(id);
    }
    log.info("network of stale pod sandbox {} taken back", SandboxNames.shown(found.name()));
  }

  private static void await(FutureTask<Boolean> task, Deadline deadline) {
    try {
      boolean _ = task.get(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("not waiting any longer for a stale pod sandbox", e);
    }
  }
}
