package dev.longshore.sandbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.cri.v1.LinuxPodSandboxStatus;
import dev.longshore.cri.v1.Namespace;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.PodIP;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxNetworkStatus;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineContainer.HostSettings;
import dev.longshore.docker.EngineState;
import dev.longshore.view.SandboxView;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/** Sandboxes of the view as CRI messages. Thread-safe. */
final class SandboxMessages {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long NANOS = 1_000_000_000L;

  private final SandboxRecords records;
  private final Supplier<String> defaultRuntime;

  /** {@code defaultRuntime} is Docker's, empty while unknown; must not wait. */
  SandboxMessages(SandboxRecords records, Supplier<String> defaultRuntime) {
    this.records = records;
    this.defaultRuntime = defaultRuntime;
  }

  /** All that the list says of a sandbox is made of this. */
  record Seen(SandboxView view, PodSandboxState state, String handler) {}

  Seen seen(SandboxView sandbox) {
    return new Seen(sandbox, state(sandbox), handler(sandbox));
  }

  static PodSandbox item(Seen sandbox) {
    SandboxView view = sandbox.view;
    return PodSandbox.newBuilder()
        .setId(view.id().value())
        .setMetadata(SandboxNames.toCri(view.name()))
        .setState(sandbox.state)
        .setCreatedAt(nanos(view.engine().created()))
        .putAllLabels(view.metadata().labels())
        .putAllAnnotations(view.metadata().annotations())
        .setRuntimeHandler(sandbox.handler)
        .build();
  }

  PodSandboxStatus status(SandboxView sandbox) {
    return PodSandboxStatus.newBuilder()
        .setId(sandbox.engine().id().value())
        .setMetadata(SandboxNames.toCri(sandbox.name()))
        .setState(state(sandbox))
        .setCreatedAt(nanos(sandbox.engine().created()))
        .setNetwork(network(sandbox.engine()))
        .setLinux(
            LinuxPodSandboxStatus.newBuilder()
                .setNamespaces(
                    Namespace.newBuilder().setOptions(namespaces(sandbox.engine().host()))))
        .putAllLabels(sandbox.metadata().labels())
        .putAllAnnotations(sandbox.metadata().annotations())
        .setRuntimeHandler(handler(sandbox))
        .build();
  }

  private PodSandboxState state(SandboxView sandbox) {
    return records.ready(sandbox.engine())
        ? PodSandboxState.SANDBOX_READY
        : PodSandboxState.SANDBOX_NOTREADY;
  }

  private PodSandboxNetworkStatus network(EngineContainer sandbox) {
    if (!records.ready(sandbox)) {
      return PodSandboxNetworkStatus.getDefaultInstance();
    }
    List<String> addresses =
        records.find(sandbox.id()).map(SandboxRecord::addresses).orElseGet(List::of);
    var network = PodSandboxNetworkStatus.newBuilder();
    addresses.stream().findFirst().ifPresent(network::setIp);
    addresses.stream()
        .skip(1)
        .forEach(address -> network.addAdditionalIps(PodIP.newBuilder().setIp(address)));
    return network.build();
  }

  /**
   * Docker cannot tell POD and CONTAINER apart for the PID namespace; this is dockershim's word.
   */
  private static NamespaceOption namespaces(HostSettings host) {
    return NamespaceOption.newBuilder()
        .setNetwork(nodeOr(host.networkMode(), NamespaceMode.POD))
        .setPid(nodeOr(host.pidMode(), NamespaceMode.CONTAINER))
        .setIpc(nodeOr(host.ipcMode(), NamespaceMode.POD))
        .build();
  }

  private static NamespaceMode nodeOr(String mode, NamespaceMode other) {
    return mode.equals("host") ? NamespaceMode.NODE : other;
  }

  /** As the request had it; for adopted sandboxes, "" where Docker's default runtime is used. */
  private String handler(SandboxView sandbox) {
    return sandbox.metadata().runtimeHandler().orElseGet(() -> adopted(sandbox.engine().host()));
  }

  private String adopted(HostSettings host) {
    return host.runtime().equals(defaultRuntime.get()) ? "" : host.runtime();
  }

  String info(SandboxView sandbox) {
    EngineContainer container = sandbox.engine();
    ObjectNode info = JSON.createObjectNode();
    if (container.state() instanceof EngineState.Running running) {
      info.put("pid", running.pid());
    }
    FoundSandbox.netns(container.state()).ifPresent(path -> info.put("netns", path.toString()));
    info.put("dockerName", container.name());
    info.put("image", container.imageId());
    info.put("runtime", container.host().runtime());
    info.put("cgroupParent", container.host().cgroupParent());
    records.find(container.id()).ifPresent(r -> info.put("phase", r.phase().name()));
    records
        .find(container.id())
        .flatMap(SandboxRecord::plan)
        .ifPresent(plan -> info.put("network", plan.networkName()));
    return info.toString();
  }

  static long nanos(Instant instant) {
    return instant.getEpochSecond() * NANOS + instant.getNano();
  }
}
