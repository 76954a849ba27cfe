package dev.longshore.view;

import dev.longshore.common.ContainerId;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Changes on their way to listeners: queued under the writer's lock, told without it. */
final class Changes {
  private static final Logger log = LoggerFactory.getLogger(Changes.class);

  private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
  private final Queue<Change> queue = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean telling = new AtomicBoolean();

  void add(ChangeListener listener) {
    listeners.add(listener);
  }

  void remove(ChangeListener listener) {
    listeners.remove(listener);
  }

  /** Queues a change; the order of calls is the order of telling. */
  void record(Snapshot before, Snapshot after, ContainerId id) {
    queue.add(new Change(before, after, id));
  }

  /** Tells what is queued, unless another thread is at it: then that thread tells this too. */
  void tell() {
    while (!queue.isEmpty() && telling.compareAndSet(false, true)) {
      try {
        @Nullable Change next = queue.poll();
        while (next != null) {
          tell(next);
          next = queue.poll();
        }
      } finally {
        telling.set(false);
      }
    }
  }

  private void tell(Change change) {
    for (ChangeListener listener : listeners) {
      try {
        listener.changed(change.before, change.after, change.id);
      } catch (RuntimeException e) {
        log.error("a listener failed on the change of container {}", change.id, e);
      }
    }
  }

  private record Change(Snapshot before, Snapshot after, ContainerId id) {}
}
