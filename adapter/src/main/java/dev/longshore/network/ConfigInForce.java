package dev.longshore.network;

import dev.longshore.common.Deadline;
import dev.longshore.network.LoadedNetwork.Config;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network configuration in force, followed as it changes, and whether pods can be attached with
 * it. Reads never wait. Thread-safe.
 */
final class ConfigInForce implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigInForce.class);

  /** The reason the kubelet itself gives for a node without a network. */
  private static final String NOT_READY = "NetworkPluginNotReady";

  /** Words that tools look for since dockershim. */
  private static final String UNINITIALIZED = "cni config uninitialized: ";

  private static final Duration SECOND_LOOK = Duration.ofMillis(250);

  private final ReentrantLock change = new ReentrantLock();
  private final Condition changed = change.newCondition();
  private final PodCidr podCidr;
  private final ConfigLoader loader;
  private final ConfigWatcher watcher;
  private final StatusProbe probe;
  private volatile LoadedNetwork loaded = LoadedNetwork.notYet();
  private volatile boolean read;

  ConfigInForce(
      ConfigLoader loader,
      PluginBinaries binaries,
      PluginRunner runner,
      PodCidr podCidr,
      Duration statusEvery) {
    this.loader = loader;
    this.podCidr = podCidr;
    this.watcher = new ConfigWatcher(loader.folders(), this::load);
    this.probe =
        new StatusProbe(binaries, runner, () -> loaded.config(), this::announce, statusEvery);
  }

  /** Starts to follow the configuration and waits for its first reading, at most that long. */
  void start(Duration patience) {
    watcher.start();
    probe.start();
    if (!await(_ -> read, Deadline.in(patience))) {
      log.warn("CNI's configuration is still being read after {} ms", patience.toMillis());
    }
  }

  @Override
  public void close() {
    watcher.close();
    probe.close();
  }

  NetworkStatus status() {
    LoadedNetwork now = loaded;
    String problem = obstacle(now).or(() -> now.config().flatMap(probe::problem)).orElse("");
    return new NetworkStatus(
        problem.isEmpty(),
        problem.isEmpty() ? "" : NOT_READY,
        problem,
        now.config().map(config -> config.file().toString()).orElse(""),
        now.config().map(config -> config.list().name()).orElse(""),
        now.warnings());
  }

  /**
   * Why no pod can be attached now; empty when some can. A failing STATUS is no such reason: it
   * informs and does not forbid ADD (specification, section 2, STATUS).
   */
  Optional<String> obstacle() {
    return obstacle(loaded);
  }

  /** The configuration in force, even if something else keeps pods from being attached. */
  Optional<NetworkConfigList> network() {
    return loaded.config().map(Config::list);
  }

  void podCidr(String cidr) {
    podCidr.set(cidr);
    announce();
  }

  List<String> podCidrs() {
    return podCidr.cidrs();
  }

  /** Waits until the status is as wanted; false when the deadline or an interrupt came first. */
  boolean await(Predicate<NetworkStatus> wanted, Deadline deadline) {
    change.lock();
    try {
      while (!wanted.test(status())) {
        if (!changed.await(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS)
            && deadline.passed()) {
          return wanted.test(status());
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      change.unlock();
    }
  }

  private Optional<String> obstacle(LoadedNetwork now) {
    if (now.config().isEmpty()) {
      String passedOver = String.join("; ", now.warnings());
      return Optional.of(
          UNINITIALIZED + now.problem() + (passedOver.isEmpty() ? "" : " (" + passedOver + ")"));
    }
    Config config = now.config().get();
    String network = "network %s of %s".formatted(config.list().name(), config.file());
    if (!now.problem().isEmpty()) {
      return Optional.of(UNINITIALIZED + network + " cannot be used: " + now.problem());
    }
    if (config.list().declares(CapabilityArgs.IP_RANGES) && podCidr.cidrs().isEmpty()) {
      return Optional.of(
          UNINITIALIZED
              + network
              + " hands out the node's pod CIDR (capability ipRanges), which is not known yet: the"
              + " kubelet sends it when the node has one");
    }
    return Optional.empty();
  }

  private ConfigWatcher.Found load() {
    LoadedNetwork before = loaded;
    ConfigLoader.Loaded now = loader.load();
    if (isLost(before, now.network())) {
      // Perhaps half written, or a plugin half replaced; another file must not win by that.
      LockSupport.parkNanos(SECOND_LOOK.toNanos());
      now = loader.load();
    }
    if (Thread.currentThread().isInterrupted()) {
      return now.found();
    }
    loaded = now.network();
    read = true;
    if (!loaded.equals(before)) {
      tell(loaded);
      probe.wake();
    }
    announce();
    return now.found();
  }

  /** Whether the file in force is there still, but no longer in force. */
  private static boolean isLost(LoadedNetwork before, LoadedNetwork now) {
    Optional<Path> file = before.config().map(Config::file).filter(Files::exists);
    return file.isPresent() && !now.config().map(Config::file).equals(file);
  }

  private void tell(LoadedNetwork now) {
    Optional<String> obstacle = obstacle(now);
    if (obstacle.isPresent()) {
      log.warn("pods cannot get a network: {}", obstacle.get());
    } else {
      now.warnings().forEach(warning -> log.warn("CNI configuration {}", warning));
      now.config()
          .ifPresent(it -> log.info("network {} of {} is in force", it.list().name(), it.file()));
    }
  }

  private void announce() {
    change.lock();
    try {
      changed.signalAll();
    } finally {
      change.unlock();
    }
  }
}
