package dev.longshore;

import dev.longshore.kernel.NotifySocket;
import dev.longshore.rpc.SelfCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What systemd is told, if it has started this process (sd_notify(3), sd_watchdog_enabled(3)):
 * ready, stopping, a status, and, twice within the watchdog's time, that a check of the server has
 * passed. Without it nothing is sent. Thread-safe.
 */
final class ServiceManager implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);
  private static final Duration STATUS_EVERY = Duration.ofSeconds(30);

  private final Optional<NotifySocket> socket;
  private final Optional<Duration> watchdog;
  private Optional<Thread> beat = Optional.empty();

  private ServiceManager(Optional<NotifySocket> socket, Optional<Duration> watchdog) {
    this.socket = socket;
    this.watchdog = watchdog;
  }

  /**
   * The manager that the environment names.
   *
   * @param environment {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC}, {@code WATCHDOG_PID}
   */
  static ServiceManager of(Map<String, String> environment) {
    String meant = Long.toString(ProcessHandle.current().pid());
    boolean watched = environment.getOrDefault("WATCHDOG_PID", meant).equals(meant);
    return new ServiceManager(
        Optional.ofNullable(environment.get("NOTIFY_SOCKET"))
            .filter(name -> name.startsWith("/") || name.startsWith("@"))
            .map(NotifySocket::new),
        Optional.ofNullable(environment.get("WATCHDOG_USEC"))
            .filter(usec -> watched && usec.matches("[1-9]\\d{0,17}"))
            .map(usec -> Duration.ofNanos(Long.parseLong(usec) * 1000L)));
  }

  /**
   * Says that the server serves, and goes on to say so while {@code check} passes.
   *
   * @param status one line for {@code systemctl status}; must not wait
   */
  void ready(SelfCheck check, Supplier<String> status) {
    if (socket.isEmpty()) {
      return;
    }
    send("READY=1\nSTATUS=" + status.get());
    beat = Optional.of(Thread.ofVirtual().name("watchdog").start(() -> watch(check, status)));
  }

  /** Says that the configuration is read anew. */
  void reloading() {
    // CLOCK_MONOTONIC, which is what nanoTime reads on Linux; so systemd knows which reload it is.
    send("RELOADING=1\nMONOTONIC_USEC=%d".formatted(System.nanoTime() / 1000));
  }

  /** Says that this has been done. */
  void reloaded() {
    send("READY=1");
  }

  private void watch(SelfCheck check, Supplier<String> status) {
    Duration pause = watchdog.map(limit -> limit.dividedBy(2)).orElse(STATUS_EVERY);
    try {
      while (true) {
        Thread.sleep(pause);
        String alive = watchdog.isPresent() && passes(check) ? "WATCHDOG=1\n" : "";
        send(alive + "STATUS=" + status.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean passes(SelfCheck check) throws InterruptedException {
    try {
      check.run();
      return true;
    } catch (IOException e) {
      log.error("the self-check fails, so the watchdog is not fed: {}", e.getMessage());
      return false;
    }
  }

  private void send(String message) {
    try {
      if (socket.isPresent()) {
        socket.get().send(message);
      }
    } catch (IOException e) {
      log.warn("{}", e.getMessage());
    }
  }

  /** Says that the server stops. */
  @Override
  public void close() {
    beat.ifPresent(Thread::interrupt);
    send("STOPPING=1\nSTATUS=stopping: calls under way may finish");
  }
}
