package dev.longshore.view;

import dev.longshore.common.ContainerId;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers to inspect: each at most once at a time, several at once, and an id that is offered
 * again before its turn is inspected once. A slow one holds up nobody else. Thread-safe.
 */
final class InspectQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(InspectQueue.class);

  private final int limit;
  private final Consumer<ContainerId> inspect;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  private final Set<ContainerId> waiting = new LinkedHashSet<>();
  private final Set<ContainerId> running = new HashSet<>();
  private final Set<Thread> workers = new HashSet<>();
  private boolean closed;

  /** {@code inspect} runs on virtual threads, at most {@code limit}. */
  InspectQueue(int limit, Consumer<ContainerId> inspect) {
    this.limit = limit;
    this.inspect = inspect;
  }

  /** Has the container inspected; the question is asked after this call. */
  void offer(ContainerId id) {
    lock.lock();
    try {
      if (!closed && waiting.add(id) && workers.size() < limit) {
        Thread worker = Thread.ofVirtual().name("inspect").unstarted(this::work);
        workers.add(worker);
        worker.start();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing waits and nothing runs. */
  boolean idle() {
    lock.lock();
    try {
      return waiting.isEmpty() && running.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what waits and interrupts what runs. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      workers.forEach(Thread::interrupt);
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    Optional<ContainerId> next = take();
    while (next.isPresent()) {
      try {
        inspect.accept(next.get());
      } catch (RuntimeException e) {
        log.error("the inspection of container {} failed", next.get(), e);
      } finally {
        done(next.get());
      }
      next = take();
    }
  }

  /** The next id that nobody is at; empty ends the worker. */
  private Optional<ContainerId> take() {
    lock.lock();
    try {
      Iterator<ContainerId> ids = waiting.iterator();
      while (ids.hasNext()) {
        ContainerId id = ids.next();
        if (running.add(id)) {
          ids.remove();
          return Optional.of(id);
        }
      }
      workers.remove(Thread.currentThread());
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void done(ContainerId id) {
    lock.lock();
    try {
      running.remove(id);
    } finally {
      lock.unlock();
    }
  }
}
