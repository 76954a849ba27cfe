package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Docker in memory: names, states, exit codes, conflicts and events as the real daemon has them,
 * without processes. Every call stands in {@link #calls} as {@code kind object}, where kind is the
 * method's name and object the container's name, the image reference as given, or the label; {@code
 * followEvents} is {@code events}. Kinds in scripts are the same words. Thread-safe; waits only
 * where a script says so.
 */
public final class FakeDockerEngine implements DockerEngine {
  private final ReentrantLock lock = new ReentrantLock();
  private final FakeFaults faults = new FakeFaults();
  private final FakeEvents events = new FakeEvents(faults);
  private final FakeImages images =
      new FakeImages(
          (action, id) -> events.emit(EngineEvent.Type.IMAGE, action, id, Map.of("name", id)));
  private final Map<String, EngineImage> registry = new HashMap<>();
  private final Map<ContainerId, FakeContainer> containers = new LinkedHashMap<>();
  private final FakeExecs execs = new FakeExecs(faults);
  private EngineInfo info = FakeInfo.engine20();
  private boolean refusesNegativeOomScoreAdj;
  private int made;
  private int pids = 1000;

  // ---- what a test sees and scripts

  /** Every call since the start or {@link #clearCalls}. */
  public List<String> calls() {
    return faults.calls();
  }

  /** The calls of one kind. */
  public List<String> calls(String kind) {
    return calls().stream().filter(c -> c.equals(kind) || c.startsWith(kind + " ")).toList();
  }

  public void clearCalls() {
    faults.clearCalls();
  }

  /** The next call of that kind fails so, without effect. Several queue up. */
  public void failNext(String kind, CriException failure) {
    faults.failBefore(kind, failure);
  }

  /** The next call of that kind has its effect, and its answer is lost: the call fails so. */
  public void loseNextAnswer(String kind, CriException failure) {
    faults.failAfter(kind, failure);
  }

  /** From now on every call waits for {@link #resume}, its deadline or an interrupt. */
  public void hang() {
    faults.hangAll();
  }

  /** The same for calls of one kind. */
  public void hang(String kind) {
    faults.hang(kind);
  }

  /** Ends {@link #hang}. */
  public void resume() {
    faults.resume();
  }

  /** Ends the event streams; the daemon itself stays. */
  public void disconnect() {
    events.disconnect();
  }

  /** The daemon goes away: streams end, every call is UNAVAILABLE at once, until {@link #up}. */
  public void down() {
    faults.down(true);
  }

  public void up() {
    faults.down(false);
  }

  /** How many event streams are open. */
  public int followers() {
    return events.followers();
  }

  public void setInfo(EngineInfo changed) {
    locked(() -> info = changed);
  }

  /** Whether a start with a negative OOM score adjustment fails, as on a kernel that refuses it. */
  public void refuseNegativeOomScoreAdj(boolean refuse) {
    locked(() -> refusesNegativeOomScoreAdj = refuse);
  }

  /** Puts an image of that tag on the node and returns its id. */
  public String addImage(String tag) {
    EngineImage image = FakeInfo.image(tag);
    addImage(image);
    return image.id();
  }

  public void addImage(EngineImage image) {
    locked(() -> images.put(image));
  }

  /** What a pull of {@code reference} brings; pulls of anything else are NOT_FOUND. */
  public void offerImage(String reference, EngineImage image) {
    locked(() -> registry.put(FakeImages.familiar(reference), image));
  }

  /** How commands answer; the default is exit code 0 without output. */
  public void onExec(Function<List<String>, ExecAnswer> script) {
    execs.script(script);
  }

  /** Ends commands that {@linkplain ExecAnswer#hanging hang}, with exit code 137. */
  public void endExecs() {
    execs.endAll();
  }

  /** The container's process ends by itself. */
  public void exit(String idOrName, int code) {
    locked(() -> die(require(idOrName), code, false));
  }

  /** The kernel kills the container's process for want of memory. */
  public void oom(String idOrName) {
    locked(
        () -> {
          FakeContainer container = require(idOrName);
          emit(container, "oom");
          die(container, 137, true);
        });
  }

  /** Somebody else removes the container by force. */
  public void removeBehind(String idOrName) {
    locked(() -> destroy(require(idOrName)));
  }

  /** Somebody else renames the container. */
  public void renameBehind(String idOrName, String name) {
    locked(
        () -> {
          FakeContainer container = require(idOrName);
          String old = container.name;
          container.name = name;
          Map<String, String> attributes = container.attributes();
          attributes.put("oldName", "/" + old);
          events.emit(EngineEvent.Type.CONTAINER, "rename", container.id.value(), attributes);
        });
  }

  /** Somebody else creates a container, unseen in {@link #calls}. */
  public ContainerId createBehind(ContainerSpec spec) {
    return locked(() -> make(spec));
  }

  /** Somebody else starts a container, unseen in {@link #calls}. */
  public void startBehind(String idOrName) {
    locked(() -> run(require(idOrName)));
  }

  /** The container's process ignores its stop signal: a stop ends in SIGKILL. */
  public void ignoreStopSignal(String idOrName) {
    locked(() -> require(idOrName).ignoresStopSignal = true);
  }

  /** The container as it stands, unseen in {@link #calls}. */
  public Optional<EngineContainer> peek(String idOrName) {
    return locked(() -> find(idOrName).map(FakeContainer::described));
  }

  /** What the container was created from. */
  public ContainerSpec spec(String idOrName) {
    return locked(() -> require(idOrName).spec);
  }

  /** The names of all containers, oldest first. */
  public List<String> names() {
    return locked(() -> containers.values().stream().map(c -> c.name).toList());
  }

  // ---- DockerEngine

  @Override
  public void ping(Deadline deadline) {
    call("ping", "", deadline, () -> true);
  }

  @Override
  public EngineInfo info(Deadline deadline) {
    return call("info", "", deadline, () -> info);
  }

  @Override
  public List<ContainerId> list(String label, Deadline deadline) {
    return call(
        "list",
        label,
        deadline,
        () ->
            containers.values().stream()
                .filter(c -> c.labels().containsKey(label))
                .map(c -> c.id)
                .toList());
  }

  @Override
  public Optional<EngineContainer> inspect(String idOrName, Deadline deadline) {
    return call(
        "inspect", nameOf(idOrName), deadline, () -> find(idOrName).map(FakeContainer::described));
  }

  @Override
  public ContainerId create(ContainerSpec spec, Deadline deadline) {
    return call("create", spec.name(), deadline, () -> make(spec));
  }

  @Override
  public void start(ContainerId id, Deadline deadline) {
    change("start", id, deadline, this::run);
  }

  @Override
  public void stop(ContainerId id, Duration grace, Deadline deadline) {
    change(
        "stop",
        id,
        deadline,
        container -> {
          if (!container.running()) {
            return;
          }
          boolean killed = grace.toSeconds() == 0 || container.ignoresStopSignal;
          emit(container, "kill");
          die(container, killed ? 137 : 143, false);
          emit(container, "stop");
        });
  }

  @Override
  public void kill(ContainerId id, String signal, Deadline deadline) {
    change(
        "kill",
        id,
        deadline,
        container -> {
          if (!container.running()) {
            return;
          }
          emit(container, "kill");
          if (signal.equals("SIGKILL")) {
            die(container, 137, false);
          } else if (signal.equals("SIGTERM") && !container.ignoresStopSignal) {
            die(container, 143, false);
          }
        });
  }

  @Override
  public void remove(ContainerId id, Deadline deadline) {
    call(
        "remove",
        nameOf(id.value()),
        deadline,
        () -> {
          find(id.value()).ifPresent(this::destroy);
          return true;
        });
  }

  @Override
  public void update(ContainerId id, ResourceSpec resources, Deadline deadline) {
    change(
        "update",
        id,
        deadline,
        container -> {
          container.update(resources);
          emit(container, "update");
        });
  }

  @Override
  public String createExec(ContainerId id, ExecSpec spec, Deadline deadline) {
    return call(
        "createExec",
        nameOf(id.value()),
        deadline,
        () -> {
          FakeContainer container = require(id.value());
          if (!container.running()) {
            throw new CriException(Kind.NOT_READY, "Container " + id + " is not running");
          }
          emit(container, "exec_create: " + String.join(" ", spec.command()));
          return execs.create(FakeImages.hex("exec" + ++made), id, spec, ++pids);
        });
  }

  @Override
  public void runExec(
      String execId, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Deadline deadline) {
    FakeExecs.Exec exec = call("runExec", execId, deadline, () -> execs.begin(execId));
    String command = String.join(" ", exec.spec().command());
    locked(() -> find(exec.container().value()).ifPresent(c -> emit(c, "exec_start: " + command)));
    execs.run(exec, stdout, stderr, deadline);
    locked(() -> find(exec.container().value()).ifPresent(c -> emit(c, "exec_die")));
  }

  @Override
  public ExecState inspectExec(String execId, Deadline deadline) {
    return call("inspectExec", execId, deadline, () -> execs.state(execId));
  }

  @Override
  public List<EngineImage> images(Deadline deadline) {
    return call("images", "", deadline, () -> images.all().stream().map(FakeInfo::listed).toList());
  }

  @Override
  public Optional<EngineImage> image(String reference, Deadline deadline) {
    return call("image", reference, deadline, () -> images.find(reference));
  }

  @Override
  public List<ContainerId> containersOf(String imageId, Deadline deadline) {
    return call(
        "containersOf",
        imageId,
        deadline,
        () ->
            containers.values().stream()
                .filter(c -> c.image.id().equals(imageId))
                .map(c -> c.id)
                .toList());
  }

  @Override
  public void pull(
      String reference, Optional<RegistryAuth> auth, PullListener listener, Deadline deadline) {
    EngineImage image = call("pull", reference, deadline, () -> offered(reference));
    listener.progress("", "Pulling from " + FakeImages.familiar(reference), 0);
    listener.progress(image.id().substring(7, 19), "Downloading", image.sizeBytes());
    locked(() -> images.put(image));
    events.emit(
        EngineEvent.Type.IMAGE, "pull", FakeImages.familiar(reference), Map.of("name", reference));
    listener.progress("", "Status: Downloaded newer image for " + reference, 0);
  }

  @Override
  public void tag(String imageId, String reference, Deadline deadline) {
    call(
        "tag",
        imageId + " " + reference,
        deadline,
        () -> {
          images.tag(imageId, reference);
          return true;
        });
  }

  @Override
  public void removeImage(String reference, boolean force, Deadline deadline) {
    call(
        "removeImage",
        reference,
        deadline,
        () -> {
          images.find(reference).ifPresent(i -> images.remove(i, reference, force, users(i)));
          return true;
        });
  }

  @Override
  public void followEvents(Instant since, Runnable opened, Consumer<EngineEvent> sink) {
    events.follow(since, opened, sink);
  }

  // ---- the daemon's inside; the lock is held

  private EngineImage offered(String reference) {
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

  private ContainerId make(ContainerSpec spec) {
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

  private void run(FakeContainer container) {
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

  private void die(FakeContainer container, int code, boolean oomKilled) {
    if (!container.running()) {
      return;
    }
    container.exit(code, oomKilled, events.tick());
    execs.endAllOf(container.id);
    Map<String, String> attributes = container.attributes();
    attributes.put("exitCode", Integer.toString(code));
    events.emit(EngineEvent.Type.CONTAINER, "die", container.id.value(), attributes);
  }

  private void destroy(FakeContainer container) {
    if (container.running()) {
      emit(container, "kill");
      die(container, 137, false);
    }
    containers.remove(container.id);
    emit(container, "destroy");
  }

  private List<FakeContainer> users(EngineImage image) {
    return containers.values().stream().filter(c -> c.image.id().equals(image.id())).toList();
  }

  private void emit(FakeContainer container, String action) {
    events.emit(EngineEvent.Type.CONTAINER, action, container.id.value(), container.attributes());
  }

  private Optional<FakeContainer> find(String idOrName) {
    String text = idOrName.startsWith("/") ? idOrName.substring(1) : idOrName;
    return containers.values().stream().filter(c -> FakeContainer.refers(text, c)).findFirst();
  }

  private FakeContainer require(String idOrName) {
    return find(idOrName)
        .orElseThrow(() -> new CriException(Kind.NOT_FOUND, "No such container: " + idOrName));
  }

  private String nameOf(String idOrName) {
    return locked(() -> find(idOrName).map(c -> c.name).orElse(idOrName));
  }

  private void change(
      String kind, ContainerId id, Deadline deadline, Consumer<FakeContainer> effect) {
    call(
        kind,
        nameOf(id.value()),
        deadline,
        () -> {
          effect.accept(require(id.value()));
          return true;
        });
  }

  private <T> T call(String kind, String object, Deadline deadline, Supplier<T> effect) {
    faults.enter(kind, object, deadline);
    T result = locked(effect);
    faults.leave(kind);
    return result;
  }

  private void locked(Runnable action) {
    locked(
        () -> {
          action.run();
          return true;
        });
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What a command does.
   *
   * @param hanging after its output it waits for {@link #endExecs} or the container's end
   */
  public record ExecAnswer(String stdout, String stderr, OptionalInt exitCode, boolean hanging) {
    public static ExecAnswer exits(int code, String stdout, String stderr) {
      return new ExecAnswer(stdout, stderr, OptionalInt.of(code), false);
    }

    public static ExecAnswer hangs(String stdout) {
      return new ExecAnswer(stdout, "", OptionalInt.empty(), true);
    }
  }
}
