package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.KeyedLocks;
import dev.longshore.network.Attachments.Known;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pod networks by CNI plugins (specification 0.3.1 to 1.1.0, and older as far as libcni goes). What
 * was ADDed is kept in libcni's cache, so that DEL uses the same, whoever runs it. Calls wait for
 * other calls of their own sandbox only.
 */
public final class CniNetworks implements PodNetworks, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CniNetworks.class);

  private static final Duration STATUS_EVERY = Duration.ofSeconds(10);
  private static final Duration FIRST_READING = Duration.ofSeconds(5);
  private static final Path OWN_NAMESPACE = Path.of("/proc/self/ns/net");

  private final KeyedLocks<ContainerId> locks = new KeyedLocks<>("the network of sandbox");
  private final ConfigInForce config;
  private final ResultCache cache;
  private final Attachments attachments;
  private final PluginChain chain;
  private final Loopback loopback;

  private CniNetworks(CniOptions options, Duration statusEvery) {
    PluginRunner runner = new PluginRunner();
    PluginBinaries binaries = new PluginBinaries(options.binDirs());
    PluginVersions versions = new PluginVersions(runner);
    config =
        new ConfigInForce(
            new ConfigLoader(options, binaries, versions),
            binaries,
            runner,
            new PodCidr(options.podCidrFile(), options.podCidr()),
            statusEvery);
    cache = new ResultCache(options.cacheDir());
    attachments = new Attachments(cache, config::network);
    chain = new PluginChain(binaries, runner);
    loopback = new Loopback(binaries, versions);
  }

  /**
   * Starts to follow the configuration. Waits at most five seconds for its first reading, which
   * takes as long as the plugins take to tell their versions.
   */
  public static CniNetworks open(CniOptions options) {
    return open(options, STATUS_EVERY);
  }

  static CniNetworks open(CniOptions options, Duration statusEvery) {
    CniNetworks networks = new CniNetworks(options, statusEvery);
    networks.config.start(FIRST_READING);
    return networks;
  }

  /** Stops following the configuration; sandboxes keep their networks. */
  @Override
  public void close() {
    config.close();
  }

  @Override
  public NetworkStatus status() {
    return config.status();
  }

  /** Waits until the status is as wanted; false when the deadline came first. */
  boolean await(Predicate<NetworkStatus> wanted, Deadline deadline) {
    return config.await(wanted, deadline);
  }

  @Override
  public NetworkPlan plan(PodNetworkRequest request) {
    Optional<String> obstacle = config.obstacle();
    Optional<NetworkConfigList> network = config.network();
    if (obstacle.isPresent() || network.isEmpty()) {
      throw new CriException(
          Kind.NOT_READY,
          "no network for pod %s/%s: %s"
              .formatted(
                  request.namespace(), request.podName(), obstacle.orElse("it has just gone")));
    }
    return new NetworkPlan(
        request.sandboxId(),
        network.get().name(),
        INTERFACE,
        network.get().text(),
        CniArgs.of(request),
        Json.text(CapabilityArgs.of(request, config.podCidrs())));
  }

  @Override
  public PodAddresses attach(NetworkPlan plan, Path netns, Deadline deadline) {
    String failed =
        "cannot attach sandbox %s to network %s".formatted(plan.sandboxId(), plan.networkName());
    if (isOwnNamespace(netns)) {
      throw new CriException(
          Kind.INTERNAL, "%s: %s is the host's network namespace".formatted(failed, netns));
    }
    if (!Files.exists(netns)) {
      throw new CriException(
          Kind.NOT_READY, "%s: it has no namespace %s; has it ended?".formatted(failed, netns));
    }
    try (KeyedLocks.Held _ = locks.lock(plan.sandboxId(), deadline)) {
      Attachment attachment = Attachment.of(plan);
      var _ = chain.add(loopback.of(plan.sandboxId(), plan.args()), netns, deadline);
      ObjectNode result = chain.add(attachment, netns, deadline);
      cache.put(attachment, netns, result);
      List<String> addresses = CniResult.addresses(result, plan.interfaceName());
      if (addresses.isEmpty()) {
        throw new CniFormatException("its plugins gave no IP address; look at their ipam");
      }
      return new PodAddresses(addresses);
    } catch (PluginFailure e) {
      throw e.toCri(failed);
    } catch (CniFormatException e) {
      throw new CriException(Kind.INTERNAL, failed + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void detach(
      ContainerId sandboxId, Optional<NetworkPlan> plan, Optional<Path> netns, Deadline deadline) {
    Optional<Path> usable = netns.filter(path -> isUsable(sandboxId, path));
    try (KeyedLocks.Held _ = locks.lock(sandboxId, deadline)) {
      for (Known known : attachments.of(sandboxId, plan, INTERFACE)) {
        chain.delete(known.attachment(), usable, known.result(), deadline);
        known.file().ifPresent(cache::remove);
      }
      usable.ifPresent(path -> takeDownLoopback(sandboxId, path, deadline));
      cache.forget(sandboxId);
    } catch (PluginFailure e) {
      throw e.toCri("cannot release the network of sandbox " + sandboxId);
    }
  }

  @Override
  public void check(ContainerId sandboxId, Path netns, Deadline deadline) {
    try (KeyedLocks.Held _ = locks.lock(sandboxId, deadline)) {
      List<Known> made =
          attachments.of(sandboxId, Optional.empty(), INTERFACE).stream()
              .filter(known -> known.result().isPresent())
              .toList();
      if (made.isEmpty()) {
        throw new CriException(
            Kind.NOT_FOUND,
            "cannot check the network of sandbox %s: its ADD left no result in CNI's cache"
                .formatted(sandboxId));
      }
      for (Known known : made) {
        NetworkConfigList network = known.attachment().network();
        if (network.version().atLeast(CniVersion.WITH_CHECK) && !network.disableCheck()) {
          chain.check(known.attachment(), netns, known.result().orElseThrow(), deadline);
        }
      }
    } catch (PluginFailure e) {
      throw e.toCri("the network of sandbox %s is not as it was made".formatted(sandboxId));
    }
  }

  @Override
  public Optional<PodAddresses> cached(ContainerId sandboxId) {
    try {
      return attachments.cached(sandboxId).stream()
          .sorted(Comparator.comparing(known -> !known.interfaceName().equals(INTERFACE)))
          .flatMap(CniNetworks::addresses)
          .findFirst();
    } catch (CriException e) {
      log.warn("no address of sandbox {} from there: {}", sandboxId, e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void podCidr(String cidr) {
    config.podCidr(cidr);
  }

  private static Stream<PodAddresses> addresses(CachedAttachment cached) {
    if (cached.result().isEmpty()) {
      return Stream.empty();
    }
    try {
      List<String> addresses = CniResult.addresses(cached.result().get(), cached.interfaceName());
      return addresses.isEmpty() ? Stream.empty() : Stream.of(new PodAddresses(addresses));
    } catch (CniFormatException e) {
      log.warn("passing over {}: {}", cached.file(), e.getMessage());
      return Stream.empty();
    }
  }

  /** The pod's loopback dies with its namespace: a failure here keeps nothing from being freed. */
  private void takeDownLoopback(ContainerId sandboxId, Path netns, Deadline deadline) {
    try {
      chain.delete(
          loopback.of(sandboxId, CniArgs.of(sandboxId)),
          Optional.of(netns),
          Optional.empty(),
          deadline);
    } catch (PluginFailure | CriException e) {
      log.warn("the loopback of sandbox {} was not taken down: {}", sandboxId, e.getMessage());
    }
  }

  private static boolean isUsable(ContainerId sandboxId, Path netns) {
    if (isOwnNamespace(netns)) {
      log.warn(
          "{} is the host's network namespace, not that of sandbox {}: releasing without it",
          netns,
          sandboxId);
      return false;
    }
    return Files.exists(netns);
  }

  /** A plugin let loose on the host's namespace would take the node off the net. */
  private static boolean isOwnNamespace(Path netns) {
    try {
      return Files.isSameFile(netns, OWN_NAMESPACE);
    } catch (IOException e) {
      return false;
    }
  }
}
