package dev.longshore.view;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Virtual threads that wait for something and hold up nobody; all end at the close. Thread-safe.
 */
final class Waiters implements AutoCloseable {
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  void start(String name, Runnable task) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(task));
    threads.add(thread);
    thread.start();
  }

  boolean isEmpty() {
    return threads.isEmpty();
  }

  /** Interrupts them. */
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      threads.remove(Thread.currentThread());
    }
  }
}
