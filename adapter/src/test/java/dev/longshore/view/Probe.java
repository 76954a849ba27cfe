package dev.longshore.view;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineEvent;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a view and a daemon: sees which events have been delivered, delays or loses them,
 * and runs a test's code between the daemon's answer and its arrival.
 */
final class Probe {
  private final DockerEngine target;
  private final Queue<EngineEvent> delivered = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean holding;
  private volatile Predicate<EngineEvent> lost = _ -> false;
  private volatile Consumer<String> onAnswer = _ -> {};

  Probe(DockerEngine target) {
    this.target = target;
  }

  DockerEngine engine() {
    return (DockerEngine)
        Proxy.newProxyInstance(
            DockerEngine.class.getClassLoader(),
            new Class<?>[] {DockerEngine.class},
            (_, method, args) -> call(method, args));
  }

  /** {@code action} gets the kind and the first argument of each call whose answer is under way. */
  void onAnswer(Consumer<String> action) {
    onAnswer = action;
  }

  void lose(Predicate<EngineEvent> events) {
    lost = events;
  }

  /** Events stay under way until {@link #releaseEvents}. */
  void holdEvents() {
    lock.lock();
    try {
      holding = true;
    } finally {
      lock.unlock();
    }
  }

  void releaseEvents() {
    lock.lock();
    try {
      holding = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the view has dealt with that event. */
  boolean delivered(String action, String id) {
    return delivered.stream().anyMatch(e -> e.action().equals(action) && e.id().equals(id));
  }

  /** How many events of that action the view has dealt with. */
  long delivered(String action) {
    return delivered.stream().filter(e -> e.action().equals(action)).count();
  }

  private @Nullable Object call(java.lang.reflect.Method method, Object @Nullable [] args)
      throws Throwable {
    if (args != null && args[0] instanceof Instant since) {
      @SuppressWarnings("unchecked") // The signature of followEvents.
      Consumer<EngineEvent> sink = (Consumer<EngineEvent>) args[2];
      target.followEvents(since, (Runnable) args[1], event -> deliver(event, sink));
      return null;
    }
    try {
      Object answer = method.invoke(target, args);
      onAnswer.accept(args == null ? method.getName() : method.getName() + " " + args[0]);
      return answer;
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private void deliver(EngineEvent event, Consumer<EngineEvent> sink) {
    lock.lock();
    try {
      while (holding) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "the view went away", e);
    } finally {
      lock.unlock();
    }
    if (!lost.test(event)) {
      sink.accept(event);
    }
    delivered.add(event);
  }
}
