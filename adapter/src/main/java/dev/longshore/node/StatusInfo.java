package dev.longshore.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.docker.EngineInfo;
import dev.longshore.network.NetworkStatus;
import dev.longshore.view.EngineHealth;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a verbose Status shows: JSON texts by topic, which crictl prints as JSON. */
final class StatusInfo {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusInfo() {}

  static Map<String, String> of(
      Map<String, String> options,
      Optional<String> metrics,
      EngineHealth docker,
      NetworkStatus pods,
      List<NodeStatus.Pull> pulls,
      List<String> warnings) {
    return Map.of(
        "config", json(options),
        "metrics", json(Map.of("url", metrics.orElse(""))),
        "docker", json(docker.engine().map(StatusInfo::engine).orElse(Map.of())),
        "events", json(events(docker)),
        "cni", json(cni(pods)),
        "pulls", json(Map.of("underWay", pulls)),
        "warnings", json(warnings(docker, pods, warnings)));
  }

  private static Map<String, Object> engine(EngineInfo engine) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("version", engine.version());
    shown.put("apiVersion", engine.apiVersion());
    shown.put("newestApiVersion", engine.maxApiVersion());
    shown.put("cgroupDriver", engine.cgroupDriver());
    shown.put("cgroupVersion", engine.cgroupVersion());
    shown.put("rootDir", engine.rootDir());
    shown.put("storageDriver", engine.storageDriver());
    shown.put("loggingDriver", engine.loggingDriver());
    shown.put("defaultRuntime", engine.defaultRuntime());
    shown.put("runtimes", engine.runtimes());
    shown.put("securityOptions", engine.securityOptions());
    shown.put("liveRestore", engine.liveRestore());
    shown.put("details", engine.details());
    return shown;
  }

  private static Map<String, Object> events(EngineHealth docker) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("synced", docker.ready());
    shown.put("since", docker.since().toString());
    docker.lastEvent().ifPresent(last -> shown.put("lastEvent", last.toString()));
    docker.eventLag().ifPresent(lag -> shown.put("lagMillis", lag.toMillis()));
    return shown;
  }

  private static Map<String, Object> cni(NetworkStatus pods) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("ready", pods.ready());
    shown.put("network", pods.networkName());
    shown.put("configFile", pods.configFile());
    shown.put("reason", pods.reason());
    return shown;
  }

  /** An object, as the other topics: crictl prints a bare list as text. */
  private static Map<String, List<String>> warnings(
      EngineHealth docker, NetworkStatus pods, List<String> ours) {
    return Map.of(
        "longshore", ours,
        "docker", docker.engine().map(EngineInfo::warnings).orElse(List.of()),
        "cni", pods.warnings());
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
