package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.CriException;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.network.NamespaceAddresses;
import dev.longshore.network.PodAddresses;
import dev.longshore.network.PodNetworks;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the sandboxes that have no record: those of dockershim and cri-dockerd, and those
 * whose record was lost. Runs with the first snapshot of each connection, before anybody reads it,
 * so that no pod is ever seen without its address. A sandbox whose address cannot be found stays
 * without a record and is not ready. Never throws.
 */
public final class Adoption implements Consumer<Snapshot> {
  private static final Logger log = LoggerFactory.getLogger(Adoption.class);

  private final PodNetworks networks;
  private final NamespaceAddresses namespaces;
  private final SandboxRecords records;
  private final StaleSandboxes stale;

  public Adoption(
      PodNetworks networks,
      NamespaceAddresses namespaces,
      SandboxRecords records,
      StaleSandboxes stale) {
    this.networks = networks;
    this.namespaces = namespaces;
    this.records = records;
    this.stale = stale;
  }

  @Override
  public void accept(Snapshot connected) {
    try {
      long adopted =
          connected.sandboxes().stream()
              .filter(s -> records.find(s.engine().id()).isEmpty())
              .filter(this::adopt)
              .count();
      if (adopted > 0) {
        log.info("{} pod sandboxes without a record were adopted", adopted);
      }
      stale.begin(connected);
    } catch (RuntimeException e) {
      log.error("pod sandboxes could not be looked through: {}", e.getMessage(), e);
    }
  }

  private boolean adopt(SandboxView sandbox) {
    EngineContainer container = sandbox.engine();
    boolean hostNetwork = container.host().networkMode().equals("host");
    List<String> addresses = hostNetwork ? List.of() : addresses(container);
    if (!hostNetwork && addresses.isEmpty()) {
      if (container.state() instanceof EngineState.Running) {
        log.warn(
            "pod sandbox {} runs, but no address of it can be found; it counts as not ready",
            SandboxNames.shown(sandbox.name()));
      }
      return false;
    }
    try {
      records.put(
          new SandboxRecord(
              container.id(),
              sandbox.name(),
              hostNetwork,
              Phase.READY,
              Optional.empty(),
              addresses));
      return true;
    } catch (CriException e) {
      log.warn(
          "pod sandbox {} is not adopted: {}", SandboxNames.shown(sandbox.name()), e.getMessage());
      return false;
    }
  }

  private List<String> addresses(EngineContainer container) {
    return networks
        .cached(container.id())
        .filter(cached -> !cached.addresses().isEmpty())
        .or(() -> inNamespace(container))
        .map(PodAddresses::addresses)
        .orElseGet(List::of);
  }

  private Optional<PodAddresses> inNamespace(EngineContainer container) {
    return container.state() instanceof EngineState.Running running
        ? namespaces.of(running.pid(), PodNetworks.INTERFACE)
        : Optional.empty();
  }
}
