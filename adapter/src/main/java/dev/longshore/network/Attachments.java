package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a sandbox was attached to: libcni's cache knows best, whatever the network's name
 * was then; then the plan made before ADD; then the configuration in force. Thread-safe.
 */
final class Attachments {
  private static final Logger log = LoggerFactory.getLogger(Attachments.class);

  private final ResultCache cache;
  private final Supplier<Optional<NetworkConfigList>> inForce;

  Attachments(ResultCache cache, Supplier<Optional<NetworkConfigList>> inForce) {
    this.cache = cache;
    this.inForce = inForce;
  }

  /**
   * The sandbox's attachments without the loopback; empty when nothing at all is known.
   *
   * @throws CriException NOT_READY when the cache tells of one that no configuration is known for
   */
  List<Known> of(ContainerId sandboxId, Optional<NetworkPlan> plan, String interfaceName) {
    Optional<Attachment> planned = plan.flatMap(Attachments::parse);
    List<Known> known = new ArrayList<>();
    for (CachedAttachment cached : cached(sandboxId)) {
      known.add(
          new Known(
              attachment(sandboxId, cached, planned), cached.result(), Optional.of(cached.file())));
    }
    planned
        .filter(it -> known.stream().noneMatch(other -> isSame(it, other.attachment())))
        .ifPresent(it -> known.add(new Known(it, Optional.empty(), Optional.empty())));
    if (known.isEmpty()) {
      inForce
          .get()
          .map(
              network ->
                  new Attachment(
                      sandboxId, interfaceName, network, CniArgs.of(sandboxId), Json.object()))
          .ifPresent(it -> known.add(new Known(it, Optional.empty(), Optional.empty())));
    }
    return known;
  }

  /** What the cache alone knows, without the loopback. */
  List<CachedAttachment> cached(ContainerId sandboxId) {
    return cache.find(sandboxId).stream()
        .filter(cached -> !cached.network().equals(Loopback.NETWORK))
        .toList();
  }

  private Attachment attachment(
      ContainerId sandboxId, CachedAttachment cached, Optional<Attachment> planned) {
    Optional<NetworkConfigList> network =
        cached
            .config()
            .flatMap(config -> parse(cached, config))
            .or(() -> planned.map(Attachment::network).filter(it -> isNamed(it, cached)))
            .or(inForce);
    return new Attachment(
        sandboxId,
        cached.interfaceName(),
        network.orElseThrow(
            () ->
                new CriException(
                    Kind.NOT_READY,
                    "%s says that sandbox %s is on network %s, but not with which plugins, and no"
                            .formatted(cached.file(), sandboxId, cached.network())
                        + " network configuration is in force; put one back")),
        cached.args().isEmpty() ? CniArgs.of(sandboxId) : cached.args(),
        cached.capabilityArgs());
  }

  private static boolean isNamed(NetworkConfigList network, CachedAttachment cached) {
    return network.name().equals(cached.network());
  }

  private static boolean isSame(Attachment one, Attachment other) {
    return one.network().name().equals(other.network().name())
        && one.interfaceName().equals(other.interfaceName());
  }

  private static Optional<NetworkConfigList> parse(CachedAttachment cached, String config) {
    try {
      return Optional.of(NetworkConfigList.parse(config));
    } catch (CniFormatException e) {
      log.warn("the configuration in {} is of no use: {}", cached.file(), e.getMessage());
      return Optional.empty();
    }
  }

  private static Optional<Attachment> parse(NetworkPlan plan) {
    try {
      return Optional.of(Attachment.of(plan));
    } catch (CniFormatException e) {
      log.warn("the network plan of sandbox {} is of no use: {}", plan.sandboxId(), e.getMessage());
      return Optional.empty();
    }
  }

  /**
   * An attachment that was made, or may have been.
   *
   * @param result of its ADD
   * @param file of the cache that tells of it
   */
  record Known(Attachment attachment, Optional<ObjectNode> result, Optional<Path> file) {}
}
