package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineContainer.MountPoint;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** One container of a fake daemon. Guarded by the daemon's lock. */
final class FakeContainer {
  final ContainerId id;
  final ContainerSpec spec;
  final EngineImage image;
  final Instant created;
  String name;
  volatile EngineState state = new EngineState.Created();
  ResourceSpec resources;
  boolean ignoresStopSignal;
  String logPath;

  FakeContainer(ContainerId id, ContainerSpec spec, EngineImage image, Instant created) {
    this.id = id;
    this.spec = spec;
    this.image = image;
    this.created = created;
    this.name = spec.name();
    this.resources = spec.resources();
    this.logPath = "/var/lib/docker/containers/" + id + "/" + id + "-json.log";
  }

  boolean running() {
    return state instanceof EngineState.Running;
  }

  void exit(int code, boolean oomKilled, Instant when) {
    Optional<Instant> started =
        state instanceof EngineState.Running running
            ? Optional.of(running.startedAt())
            : Optional.empty();
    state = new EngineState.Exited(started, when, code, oomKilled, "");
  }

  void failStart(String error) {
    state = new EngineState.Exited(Optional.empty(), created, 128, false, error);
  }

  Map<String, String> labels() {
    Map<String, String> merged = new HashMap<>(image.labels());
    merged.putAll(spec.labels());
    return merged;
  }

  /** What an event of this container carries. */
  Map<String, String> attributes() {
    Map<String, String> all = new HashMap<>(labels());
    all.put("name", name);
    all.put("image", spec.image());
    return all;
  }

  void update(ResourceSpec changed) {
    resources =
        new ResourceSpec(
            or(changed.cpuPeriodMicros(), resources.cpuPeriodMicros()),
            or(changed.cpuQuotaMicros(), resources.cpuQuotaMicros()),
            or(changed.cpuShares(), resources.cpuShares()),
            or(changed.memoryBytes(), resources.memoryBytes()),
            or(changed.memorySwapBytes(), resources.memorySwapBytes()),
            changed.cpusetCpus().or(resources::cpusetCpus),
            changed.cpusetMems().or(resources::cpusetMems),
            resources.oomScoreAdj(),
            or(changed.pidsLimit(), resources.pidsLimit()));
  }

  ListedContainer listed() {
    String word =
        switch (state) {
          case EngineState.Created() -> "created";
          case EngineState.Running running -> running.paused() ? "paused" : "running";
          case EngineState.Exited exited -> exited.startedAt().isPresent() ? "exited" : "created";
        };
    return new ListedContainer(id, name, word);
  }

  EngineContainer described() {
    return new EngineContainer(
        id,
        name,
        created,
        state,
        image.id(),
        spec.image(),
        labels(),
        host(),
        spec.mounts().stream().map(FakeContainer::mount).toList(),
        logPath);
  }

  private HostSettings host() {
    ContainerSpec.NamespaceSpec namespaces = spec.namespaces();
    String user = spec.process().user();
    return new HostSettings(
        orElse(namespaces.network(), "default"),
        namespaces.pid(),
        orElse(namespaces.ipc(), "private"),
        orElse(spec.runtime(), "runc"),
        namespaces.cgroupParent(),
        spec.security().privileged(),
        spec.process().tty(),
        orElse(user, image.user()),
        spec.process().stopSignal(),
        resources);
  }

  private static MountPoint mount(ContainerSpec.MountSpec mount) {
    return switch (mount) {
      case ContainerSpec.BindMount bind ->
          new MountPoint(
              "bind",
              bind.source(),
              bind.target(),
              !bind.readonly(),
              orElse(bind.propagation(), "rprivate"),
              bind.recursiveReadonly());
      case ContainerSpec.FixedMount(String source, String target) ->
          new MountPoint("bind", source, target, false, "rprivate");
      case ContainerSpec.ImageMount(_, String target, _) ->
          new MountPoint("image", "", target, false, "");
    };
  }

  private static String orElse(String text, String fallback) {
    return text.isEmpty() ? fallback : text;
  }

  private static OptionalLong or(OptionalLong value, OptionalLong fallback) {
    return value.isPresent() ? value : fallback;
  }

  static boolean refers(String idOrName, FakeContainer container) {
    return idOrName.equals(container.id.value())
        || idOrName.equals(container.name)
        || (idOrName.length() >= 4 && container.id.value().startsWith(idOrName));
  }
}
