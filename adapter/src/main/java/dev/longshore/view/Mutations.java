package dev.longshore.view;

import dev.longshore.common.ContainerId;
import dev.longshore.view.Ledger.Sighting;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The changes of our own that are under way, by Docker name, and what was heard of those containers
 * meanwhile. Thread-safe.
 */
final class Mutations {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Open> open = new HashMap<>();

  /** Opens one more mutation of that name. */
  void begin(String name) {
    lock.lock();
    try {
      open.computeIfAbsent(name, _ -> new Open()).count++;
    } finally {
      lock.unlock();
    }
  }

  /** Closes one mutation of that name; the last one gets what was held back. */
  Map<ContainerId, Sighting> end(String name) {
    lock.lock();
    try {
      Open ending = open.get(name);
      if (ending == null) {
        throw new IllegalStateException("no mutation of " + name + " is open");
      }
      if (--ending.count > 0) {
        return Map.of();
      }
      open.remove(name);
      return ending.heldBack;
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen(String name) {
    lock.lock();
    try {
      return open.containsKey(name);
    } finally {
      lock.unlock();
    }
  }

  /** Holds a sighting back until the end; false when no mutation of that name is open. */
  boolean holdBack(String name, ContainerId id, Sighting sighting) {
    lock.lock();
    try {
      Open held = open.get(name);
      if (held == null) {
        return false;
      }
      held.heldBack.merge(id, sighting, Sighting::and);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static final class Open {
    private int count;
    private final Map<ContainerId, Sighting> heldBack = new HashMap<>();
  }
}
