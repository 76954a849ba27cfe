package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The inside of a fake daemon: its containers and what happens to them. Guarded by its lock. */
final class FakeDaemon {
  final FakeEvents events;
  final FakeExecs execs;
  final FakeImages images;
  final FakeLogs logs;
  final Map<String, EngineImage> registry = new HashMap<>();
  EngineInfo info = FakeInfo.engine20();
  boolean refusesNegativeOomScoreAdj;

  private final Map<ContainerId, FakeContainer> containers = new LinkedHashMap<>();
  private int made;
  private int pids = 1000;

  FakeDaemon(FakeFaults faults) {
    this.events = new FakeEvents(faults);
    this.execs = new FakeExecs(faults);
    this.logs = new FakeLogs(faults);
    this.images =
        new FakeImages(
            (action, id) -> events.emit(EngineEvent.Type.IMAGE, action, id, Map.of("name", id)));
  }

  Collection<FakeContainer> containers() {
    return containers.values();
  }

  EngineImage offered(String reference) {
    String familiar = FakeImages.familiar(reference);
    EngineImage image = registry.get(familiar);
    if (image == null) {
      throw new CriException(
          Kind.NOT_FOUND,
          "cannot pull %s: manifest for %s not found: manifest unknown"
              .formatted(reference, familiar));
    }
    return image;
  }

  ContainerId make(ContainerSpec spec) {
    EngineImage image = images.require(spec.image());
    for (FakeContainer other : containers.values()) {
      if (other.name.equals(spec.name())) {
        throw new CriException(
            Kind.ALREADY_EXISTS,
            ("Conflict. The container name \"/%s\" is already in use by container \"%s\". You have"
                    + " to remove (or rename) that container to be able to reuse that name.")
                .formatted(spec.name(), other.id));
      }
    }
    ContainerId id = new ContainerId(FakeImages.hex("container" + ++made));
    FakeContainer container = new FakeContainer(id, spec, image, events.tick());
    containers.put(id, container);
    emit(container, "create");
    return id;
  }

  void run(FakeContainer container) {
    if (container.running()) {
      return;
    }
    String network = container.spec.namespaces().network();
    if (network.startsWith("container:")) {
      String joined = network.substring("container:".length());
      if (find(joined).filter(FakeContainer::running).isEmpty()) {
        String why = "cannot join network of a non running container: " + joined;
        container.failStart(why);
        throw new CriException(Kind.NOT_READY, why);
      }
    }
    if (refusesNegativeOomScoreAdj && container.resources.oomScoreAdj().orElse(0) < 0) {
      container.failStart(FakeInfo.OOM_REFUSAL);
      throw new CriException(Kind.INTERNAL, FakeInfo.OOM_REFUSAL);
    }
    container.state = new EngineState.Running(++pids, events.tick(), false);
    emit(container, "start");
  }

  int nextPid() {
    return pids + 1;
  }

  void die(FakeContainer container, int code, boolean oomKilled) {
    if (!container.running()) {
      return;
    }
    container.exit(code, oomKilled, events.tick());
    execs.endAllOf(container.id);
    Map<String, String> attributes = container.attributes();
    attributes.put("exitCode", Integer.toString(code));
    events.emit(EngineEvent.Type.CONTAINER, "die", container.id.value(), attributes);
  }

  void destroy(FakeContainer container) {
    if (container.running()) {
      emit(container, "kill");
      die(container, 137, false);
    }
    containers.remove(container.id);
    emit(container, "destroy");
  }

  List<FakeContainer> users(String imageId) {
    return containers.values().stream().filter(c -> c.image.id().equals(imageId)).toList();
  }

  void emit(FakeContainer container, String action) {
    events.emit(EngineEvent.Type.CONTAINER, action, container.id.value(), container.attributes());
  }

  Optional<FakeContainer> find(String idOrName) {
    String text = idOrName.startsWith("/") ? idOrName.substring(1) : idOrName;
    if (ContainerId.isWellFormed(text)) {
      return Optional.ofNullable(containers.get(new ContainerId(text)));
    }
    return containers.values().stream().filter(c -> FakeContainer.refers(text, c)).findFirst();
  }

  FakeContainer require(String idOrName) {
    return find(idOrName)
        .orElseThrow(() -> new CriException(Kind.NOT_FOUND, "No such container: " + idOrName));
  }

  void stop(FakeContainer container, boolean byForce) {
    if (container.running()) {
      emit(container, "kill");
      die(container, byForce || container.ignoresStopSignal ? 137 : 143, false);
      emit(container, "stop");
    }
  }

  void kill(FakeContainer container, String signal) {
    if (!container.running()) {
      return;
    }
    emit(container, "kill");
    if (signal.equals("SIGKILL")) {
      die(container, 137, false);
    } else if (signal.equals("SIGTERM") && !container.ignoresStopSignal) {
      die(container, 143, false);
    }
  }

  void rename(FakeContainer container, String name) {
    String old = container.name;
    container.name = name;
    Map<String, String> attributes = container.attributes();
    attributes.put("oldName", "/" + old);
    events.emit(EngineEvent.Type.CONTAINER, "rename", container.id.value(), attributes);
  }

  String prepare(FakeContainer container, ExecSpec spec) {
    if (!container.running()) {
      throw new CriException(Kind.NOT_READY, "Container " + container.id + " is not running");
    }
    emit(container, "exec_create: " + String.join(" ", spec.command()));
    return execs.create(FakeImages.hex("exec" + ++made), container.id, spec, ++pids);
  }

  EngineStream attach(FakeContainer container, AttachSpec spec) {
    if (!container.running()) {
      throw new CriException(
          Kind.NOT_READY, "You cannot attach to a stopped container, start it first");
    }
    emit(container, "attach");
    return execs.attached(spec);
  }

  void removeImage(String reference, boolean force) {
    images.find(reference).ifPresent(i -> images.remove(i, reference, force, users(i.id())));
  }
}
