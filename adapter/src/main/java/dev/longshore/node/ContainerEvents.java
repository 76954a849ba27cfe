package dev.longshore.node;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerEventResponse;
import dev.longshore.cri.v1.ContainerEventType;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.PodSandboxNetworkStatus;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeName;
import dev.longshore.metrics.Source;
import dev.longshore.view.ChangeListener;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Entry;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * GetContainerEvents: what became of a container or sandbox, told once to whoever listens. Events
 * come from comparing how it stands with how it stood when last told; a sandbox counts from when it
 * is complete. Thread-safe.
 */
public final class ContainerEvents implements ChangeListener, AutoCloseable {
  /** How many events may wait for a subscriber before it is cut off. */
  static final int MOST_WAITING = 1000;

  /**
   * How many bytes of them, since each carries the statuses of a whole pod; one may always wait.
   */
  static final int MOST_WAITING_BYTES = 8 << 20;

  private static final long NANOS = 1_000_000_000L;

  private final Pods pods;
  private final InstantSource clock;
  private final Set<Subscription> subscribers = ConcurrentHashMap.newKeySet();
  private final EventFigures figures = new EventFigures(subscribers::size);
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final Map<ContainerId, EngineState> told = new HashMap<>();
  private @Nullable Snapshot latest;
  private long lastTime;
  private boolean closed;

  /** Events of whatever {@link #changed} tells; {@code pods} must not wait. */
  public ContainerEvents(Pods pods, InstantSource clock) {
    this.pods = pods;
    this.clock = clock;
  }

  /** How pods are described: the words of PodSandboxStatus and ContainerStatus. */
  public interface Pods {
    /** Whether RunPodSandbox has finished with it; a sandbox in the making has no events. */
    boolean complete(SandboxView sandbox);

    PodSandboxStatus status(SandboxView sandbox);

    /** All containers of the sandbox. */
    List<ContainerStatus> containers(Snapshot snapshot, ContainerId sandbox);
  }

  /**
   * All events from now on, until closed.
   *
   * @param onCut hears why when the subscriber is cut off: EXHAUSTED when it is too slow,
   *     UNAVAILABLE when Longshore stops; on any thread, must not block
   * @throws CriException UNAVAILABLE while Longshore stops
   */
  public Subscription subscribe(Consumer<CriException> onCut) {
    lock.lock();
    try {
      if (closed) {
        throw stopping();
      }
      Subscription fresh = new Subscription(onCut);
      subscribers.add(fresh);
      return fresh;
    } finally {
      lock.unlock();
    }
  }

  /** Events and those who listen, as metrics. */
  public Source figures() {
    return figures;
  }

  /** How many listen now. */
  public int subscribers() {
    return subscribers.size();
  }

  @Override
  public void changed(Snapshot before, Snapshot after, ContainerId id) {
    lock.lock();
    try {
      latest = after;
      entry(after, id)
          .ifPresentOrElse(now -> look(after, now), () -> gone(after, entry(before, id), id));
    } finally {
      lock.unlock();
    }
  }

  /** Looks again at the sandbox of that Docker name: it has become complete. */
  public void completed(String dockerName) {
    lock.lock();
    try {
      Snapshot now = latest;
      if (now != null) {
        now.sandboxNamed(dockerName).ifPresent(sandbox -> look(now, sandbox));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends all subscriptions. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      subscribers.forEach(subscriber -> subscriber.cut(stopping()));
    } finally {
      lock.unlock();
    }
  }

  private void look(Snapshot snapshot, Entry now) {
    if (now instanceof SandboxView sandbox && !pods.complete(sandbox)) {
      return;
    }
    Optional<EngineState> before = Optional.ofNullable(told.put(now.id(), now.engine().state()));
    EventSteps.between(before, now.engine().state()).forEach(type -> tell(snapshot, now, type));
  }

  private void gone(Snapshot after, Optional<Entry> last, ContainerId id) {
    EngineState before = told.remove(id);
    if (before == null || last.isEmpty()) {
      return; // Never told of: it came and went before it was complete.
    }
    EventSteps.toTheEnd(before).forEach(type -> tell(after, last.get(), type));
  }

  private void tell(Snapshot snapshot, Entry entry, ContainerEventType type) {
    lastTime = Math.max(lastTime + 1, nanos(clock.instant()));
    if (subscribers.isEmpty()) {
      return;
    }
    ContainerId sandbox =
        switch (entry) {
          case SandboxView view -> view.id();
          case ContainerView view -> view.sandboxId();
        };
    ContainerEventResponse event =
        ContainerEventResponse.newBuilder()
            .setContainerId(entry.id().value())
            .setContainerEventType(type)
            .setCreatedAt(lastTime)
            .setPodSandboxStatus(
                snapshot
                    .sandbox(sandbox.value())
                    .map(pods::status)
                    .orElseGet(() -> ended(entry, sandbox)))
            .addAllContainersStatuses(pods.containers(snapshot, sandbox))
            .build();
    subscribers.forEach(subscriber -> subscriber.offer(event));
    figures.told();
  }

  /** A sandbox that is no more: the kubelet ignores events without the pod's uid. */
  private PodSandboxStatus ended(Entry entry, ContainerId sandbox) {
    PodSandboxStatus.Builder status =
        entry instanceof SandboxView last
            ? pods.status(last).toBuilder()
            : PodSandboxStatus.newBuilder()
                .setId(sandbox.value())
                .setMetadata(metadata(entry.name()));
    return status
        .setState(PodSandboxState.SANDBOX_NOTREADY)
        .setNetwork(PodSandboxNetworkStatus.getDefaultInstance())
        .build();
  }

  /** The pod that a container's name names; which attempt of it, the name does not say. */
  private static PodSandboxMetadata metadata(KubeName name) {
    return PodSandboxMetadata.newBuilder()
        .setName(name.pod())
        .setNamespace(name.namespace())
        .setUid(name.uid())
        .build();
  }

  private static Optional<Entry> entry(Snapshot snapshot, ContainerId id) {
    return snapshot
        .container(id.value())
        .<Entry>map(found -> found)
        .or(() -> snapshot.sandbox(id.value()));
  }

  private static CriException stopping() {
    return new CriException(
        Kind.UNAVAILABLE, "Longshore is stopping: subscribe to the container events again");
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * NANOS + time.getNano();
  }

  /** One listener's events, in order. One reader. */
  public final class Subscription implements AutoCloseable {
    private final Consumer<CriException> onCut;
    private final ReentrantLock mine = new ReentrantLock();
    private final Condition changed = mine.newCondition();
    private final Queue<ContainerEventResponse> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private @Nullable CriException cut;

    private Subscription(Consumer<CriException> onCut) {
      this.onCut = onCut;
    }

    /**
     * The next event; waits for it until interrupted.
     *
     * @throws CriException when this subscriber was cut off
     */
    public ContainerEventResponse next() throws InterruptedException {
      mine.lockInterruptibly();
      try {
        while (true) {
          if (cut != null) {
            throw cut;
          }
          ContainerEventResponse event = waiting.poll();
          if (event != null) {
            waitingBytes -= event.getSerializedSize();
            return event;
          }
          boolean _ = changed.await(1, TimeUnit.DAYS);
        }
      } finally {
        mine.unlock();
      }
    }

    private void offer(ContainerEventResponse event) {
      boolean taken;
      mine.lock();
      try {
        taken = waiting.isEmpty() || hasRoom(event);
        if (taken) {
          waiting.add(event);
          waitingBytes += event.getSerializedSize();
          changed.signal();
        }
      } finally {
        mine.unlock();
      }
      if (!taken) {
        figures.cut();
        cut(
            new CriException(
                Kind.EXHAUSTED,
                ("this subscriber reads too slowly: %d container events wait for it, or %d MiB of"
                        + " them; list, and subscribe again")
                    .formatted(MOST_WAITING, MOST_WAITING_BYTES >> 20)));
      }
    }

    private boolean hasRoom(ContainerEventResponse event) {
      return waiting.size() < MOST_WAITING
          && waitingBytes + event.getSerializedSize() <= MOST_WAITING_BYTES;
    }

    private void cut(CriException reason) {
      subscribers.remove(this);
      mine.lock();
      try {
        cut = reason;
        waiting.clear();
        waitingBytes = 0;
        changed.signal();
      } finally {
        mine.unlock();
      }
      onCut.accept(reason);
    }

    @Override
    public void close() {
      subscribers.remove(this);
    }
  }
}
