package dev.longshore.node;

import dev.longshore.cri.v1.RuntimeCondition;
import dev.longshore.cri.v1.RuntimeFeatures;
import dev.longshore.cri.v1.RuntimeHandler;
import dev.longshore.cri.v1.RuntimeHandlerFeatures;
import dev.longshore.cri.v1.RuntimeStatus;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.cri.v1.StatusResponse;
import dev.longshore.docker.EngineInfo;
import dev.longshore.network.NetworkStatus;
import dev.longshore.view.EngineHealth;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Status: whether pods can run and get a network, and why not. Answers while Docker is away, too.
 * Thread-safe.
 */
public final class NodeStatus {
  private static final String RUNTIME_READY = "RuntimeReady";
  private static final String NETWORK_READY = "NetworkReady";
  // The handler of pods without a RuntimeClass, and cri-dockerd's other name for it.
  private static final List<String> DEFAULT_HANDLERS = List.of("", "docker");

  private final Supplier<EngineHealth> health;
  private final Supplier<NetworkStatus> network;
  private final Supplier<List<String>> warnings;
  private final Supplier<List<Pull>> pulls;
  private final Supplier<Map<String, String>> options;
  private final Supplier<Optional<String>> metrics;

  /**
   * A status from these sources, none of which may wait.
   *
   * @param warnings what the operator should know, sentence by sentence
   * @param pulls those under way, to be shown
   * @param options the options in force, to be shown
   * @param metrics where they are served, as a URL; empty where they are not
   */
  public NodeStatus(
      Supplier<EngineHealth> health,
      Supplier<NetworkStatus> network,
      Supplier<List<String>> warnings,
      Supplier<List<Pull>> pulls,
      Supplier<Map<String, String>> options,
      Supplier<Optional<String>> metrics) {
    this.health = health;
    this.network = network;
    this.warnings = warnings;
    this.pulls = pulls;
    this.options = options;
    this.metrics = metrics;
  }

  /** Both conditions, the runtime handlers, and on demand what is worth knowing, as JSON texts. */
  public StatusResponse status(StatusRequest request) {
    EngineHealth docker = health.get();
    NetworkStatus pods = network.get();
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setStatus(
                RuntimeStatus.newBuilder()
                    .addConditions(
                        condition(RUNTIME_READY, docker.ready(), docker.reason(), docker.message()))
                    .addConditions(
                        condition(NETWORK_READY, pods.ready(), pods.reason(), pods.message())))
            .setFeatures(RuntimeFeatures.getDefaultInstance());
    handlers(docker).forEach(name -> response.addRuntimeHandlers(handler(name, docker)));
    if (request.getVerbose()) {
      response.putAllInfo(
          StatusInfo.of(options.get(), metrics.get(), docker, pods, pulls.get(), warnings.get()));
    }
    return response.build();
  }

  private static NavigableSet<String> handlers(EngineHealth docker) {
    NavigableSet<String> names = new TreeSet<>(DEFAULT_HANDLERS);
    docker.engine().map(EngineInfo::runtimes).ifPresent(names::addAll);
    return names;
  }

  private static RuntimeHandler.Builder handler(String name, EngineHealth docker) {
    String runtime = DEFAULT_HANDLERS.contains(name) ? "" : name;
    boolean recursive =
        docker.engine().filter(info -> info.mountsRecursivelyReadonly(runtime)).isPresent();
    return RuntimeHandler.newBuilder()
        .setName(name)
        .setFeatures(RuntimeHandlerFeatures.newBuilder().setRecursiveReadOnlyMounts(recursive));
  }

  private static RuntimeCondition.Builder condition(
      String type, boolean ready, String reason, String message) {
    return RuntimeCondition.newBuilder()
        .setType(type)
        .setStatus(ready)
        .setReason(reason)
        .setMessage(message);
  }

  /**
   * A pull of an image that is under way.
   *
   * @param seconds since its beginning
   * @param words Docker's last
   * @param totalBytes of those layers whose download has begun
   */
  public record Pull(
      String image, long seconds, String words, long downloadedBytes, long totalBytes) {}
}
