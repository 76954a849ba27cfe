package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
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
  private final FakeDaemon daemon = new FakeDaemon(faults);
  private final Map<String, ImageLayers> layers = new HashMap<>();

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
    daemon.events.disconnect();
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
    return daemon.events.followers();
  }

  public void setInfo(EngineInfo changed) {
    locked(() -> daemon.info = changed);
  }

  /** Whether a start with a negative OOM score adjustment fails, as on a kernel that refuses it. */
  public void refuseNegativeOomScoreAdj(boolean refuse) {
    locked(() -> daemon.refusesNegativeOomScoreAdj = refuse);
  }

  /** Puts an image of that tag on the node and returns its id. */
  public String addImage(String tag) {
    EngineImage image = FakeInfo.image(tag);
    addImage(image);
    return image.id();
  }

  public void addImage(EngineImage image) {
    locked(() -> daemon.images.put(image));
  }

  /** Where the layers of an image are; by default nowhere. */
  public void setLayers(String imageId, ImageLayers found) {
    locked(() -> layers.put(imageId, found));
  }

  /** What a pull of {@code reference} brings; pulls of anything else are NOT_FOUND. */
  public void offerImage(String reference, EngineImage image) {
    locked(() -> daemon.registry.put(FakeImages.familiar(reference), image));
  }

  /** How commands answer; the default is exit code 0 without output. */
  public void onExec(Function<List<String>, ExecAnswer> script) {
    daemon.execs.script(script);
  }

  /**
   * How commands behave whose input and output are a connection; the default is {@link #onExec}.
   */
  public void onStream(Function<List<String>, FakeStream.Program> script) {
    daemon.execs.streamScript(script);
  }

  /** What attaching to a container's first process meets; the default says nothing. */
  public void onAttach(FakeStream.Program program) {
    daemon.execs.attachScript(program);
  }

  /** Ends commands that {@linkplain ExecAnswer#hanging hang}, with exit code 137. */
  public void endExecs() {
    endExecs(137);
  }

  /** Ends commands with that exit code; what they left behind may go on. */
  public void endExecs(int code) {
    daemon.execs.endAll(code);
  }

  /** Where Docker keeps the container's output as text. */
  public void setLogPath(String idOrName, String file) {
    locked(() -> daemon.require(idOrName).logPath = file);
  }

  /** The container writes something, at a time later than before. */
  public void print(ContainerId id, boolean stdout, String text) {
    Instant now = daemon.events.tick();
    print(
        id,
        new LogPiece(
            now.getEpochSecond() * 1_000_000_000L + now.getNano(),
            stdout,
            false,
            text.getBytes(StandardCharsets.UTF_8)));
  }

  public void print(ContainerId id, LogPiece piece) {
    daemon.logs.print(id, piece);
  }

  /** Ends every answer of {@code followLogs}; containers go on. */
  public void disconnectLogs() {
    daemon.logs.disconnect();
  }

  /** The container's process ends by itself. */
  public void exit(String idOrName, int code) {
    locked(() -> daemon.die(daemon.require(idOrName), code, false));
  }

  /** The kernel kills the container's process for want of memory. */
  public void oom(String idOrName) {
    locked(
        () -> {
          FakeContainer container = daemon.require(idOrName);
          daemon.emit(container, "oom");
          daemon.die(container, 137, true);
        });
  }

  /** Somebody else removes the container by force. */
  public void removeBehind(String idOrName) {
    locked(() -> daemon.destroy(daemon.require(idOrName)));
  }

  /** Somebody else renames the container. */
  public void renameBehind(String idOrName, String name) {
    locked(() -> daemon.rename(daemon.require(idOrName), name));
  }

  /** Somebody else creates a container, unseen in {@link #calls}. */
  public ContainerId createBehind(ContainerSpec spec) {
    return locked(() -> daemon.make(spec));
  }

  /** Somebody else starts a container, unseen in {@link #calls}. */
  public void startBehind(String idOrName) {
    locked(() -> daemon.run(daemon.require(idOrName)));
  }

  /** The container's process ignores its stop signal: a stop ends in SIGKILL. */
  public void ignoreStopSignal(String idOrName) {
    locked(() -> daemon.require(idOrName).ignoresStopSignal = true);
  }

  /** The container as it stands, unseen in {@link #calls}. */
  public Optional<EngineContainer> peek(String idOrName) {
    return locked(() -> daemon.find(idOrName).map(FakeContainer::described));
  }

  /** What the container was created from. */
  public ContainerSpec spec(String idOrName) {
    return locked(() -> daemon.require(idOrName).spec);
  }

  /** The pid of the process that is begun next. */
  public int nextPid() {
    return locked(daemon::nextPid);
  }

  /** The names of all containers, oldest first. */
  public List<String> names() {
    return locked(() -> daemon.containers().stream().map(c -> c.name).toList());
  }

  // ---- DockerEngine

  @Override
  public void ping(Deadline deadline) {
    call("ping", "", deadline, () -> true);
  }

  @Override
  public EngineInfo info(Deadline deadline) {
    return call("info", "", deadline, () -> daemon.info);
  }

  @Override
  public List<ListedContainer> list(String label, Deadline deadline) {
    return call(
        "list",
        label,
        deadline,
        () ->
            daemon.containers().stream()
                .filter(c -> c.labels().containsKey(label))
                .map(FakeContainer::listed)
                .toList());
  }

  @Override
  public Optional<EngineContainer> inspect(String idOrName, Deadline deadline) {
    return call(
        "inspect",
        nameOf(idOrName),
        deadline,
        () -> daemon.find(idOrName).map(FakeContainer::described));
  }

  @Override
  public ContainerId create(ContainerSpec spec, Deadline deadline) {
    return call("create", spec.name(), deadline, () -> daemon.make(spec));
  }

  @Override
  public void start(ContainerId id, Deadline deadline) {
    change("start", id, deadline, daemon::run);
  }

  @Override
  public void stop(ContainerId id, Duration grace, Deadline deadline) {
    change("stop", id, deadline, container -> daemon.stop(container, grace.toSeconds() == 0));
  }

  @Override
  public void kill(ContainerId id, String signal, Deadline deadline) {
    change("kill", id, deadline, container -> daemon.kill(container, signal));
  }

  @Override
  public void remove(ContainerId id, Deadline deadline) {
    call(
        "remove",
        nameOf(id.value()),
        deadline,
        () -> {
          daemon.find(id.value()).ifPresent(daemon::destroy);
          return true;
        });
  }

  @Override
  public void requirePath(ContainerId id, String path, Deadline deadline) {
    call(
        "requirePath", nameOf(id.value()) + " " + path, deadline, () -> daemon.require(id.value()));
  }

  @Override
  public void update(ContainerId id, ResourceSpec resources, Deadline deadline) {
    change(
        "update",
        id,
        deadline,
        container -> {
          container.update(resources);
          daemon.emit(container, "update");
        });
  }

  @Override
  public String createExec(ContainerId id, ExecSpec spec, Deadline deadline) {
    return call(
        "createExec",
        nameOf(id.value()),
        deadline,
        () -> daemon.prepare(daemon.require(id.value()), spec));
  }

  @Override
  public void runExec(
      String execId, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Deadline deadline) {
    FakeExecs.Exec exec = call("runExec", execId, deadline, () -> daemon.execs.begin(execId));
    String command = String.join(" ", exec.spec().command());
    locked(
        () ->
            daemon
                .find(exec.container().value())
                .ifPresent(c -> daemon.emit(c, "exec_start: " + command)));
    daemon.execs.run(exec, stdout, stderr, deadline);
    locked(() -> daemon.find(exec.container().value()).ifPresent(c -> daemon.emit(c, "exec_die")));
  }

  @Override
  public EngineStream startExec(String execId, boolean tty, Deadline deadline) {
    FakeExecs.Exec exec = call("startExec", execId, deadline, () -> daemon.execs.begin(execId));
    return daemon.execs.stream(exec);
  }

  @Override
  public EngineStream attach(ContainerId id, AttachSpec spec, Deadline deadline) {
    return call(
        "attach",
        nameOf(id.value()),
        deadline,
        () -> daemon.attach(daemon.require(id.value()), spec));
  }

  @Override
  public void resizeExec(String execId, TerminalSize size, Deadline deadline) {
    String object = "%s %dx%d".formatted(execId, size.columns(), size.rows());
    call("resizeExec", object, deadline, () -> daemon.execs.state(execId));
  }

  @Override
  public void resizeContainer(ContainerId id, TerminalSize size, Deadline deadline) {
    String object = "%s %dx%d".formatted(nameOf(id.value()), size.columns(), size.rows());
    call("resizeContainer", object, deadline, () -> daemon.require(id.value()));
  }

  @Override
  public ExecState inspectExec(String execId, Deadline deadline) {
    return call("inspectExec", execId, deadline, () -> daemon.execs.state(execId));
  }

  @Override
  public List<EngineImage> images(Deadline deadline) {
    return call(
        "images", "", deadline, () -> daemon.images.all().stream().map(FakeInfo::listed).toList());
  }

  @Override
  public Optional<EngineImage> image(String reference, Deadline deadline) {
    return call("image", reference, deadline, () -> daemon.images.find(reference));
  }

  @Override
  public String imageSpec(String imageId, Deadline deadline) {
    return call(
        "imageSpec",
        imageId,
        deadline,
        () -> "{\"os\":\"linux\",\"id\":\"" + daemon.images.require(imageId).id() + "\"}");
  }

  @Override
  public ImageLayers layers(String imageId, Deadline deadline) {
    return call(
        "layers",
        imageId,
        deadline,
        () -> {
          String id = daemon.images.require(imageId).id();
          return layers.getOrDefault(id, new ImageLayers(daemon.info.storageDriver(), List.of()));
        });
  }

  @Override
  public List<ContainerId> containersOf(String imageId, Deadline deadline) {
    return call(
        "containersOf",
        imageId,
        deadline,
        () -> daemon.users(imageId).stream().map(c -> c.id).toList());
  }

  @Override
  public void pull(
      String reference, Optional<RegistryAuth> auth, PullListener listener, Deadline deadline) {
    EngineImage image = call("pull", reference, deadline, () -> daemon.offered(reference));
    listener.progress("", "Pulling from " + FakeImages.familiar(reference), 0, 0);
    listener.progress(
        image.id().substring(7, 19), "Downloading", image.sizeBytes(), image.sizeBytes());
    locked(() -> daemon.images.put(image));
    daemon.events.emit(
        EngineEvent.Type.IMAGE, "pull", FakeImages.familiar(reference), Map.of("name", reference));
    listener.progress("", "Status: Downloaded newer image for " + reference, 0, 0);
  }

  @Override
  public void tag(String imageId, String reference, Deadline deadline) {
    call(
        "tag",
        imageId + " " + reference,
        deadline,
        () -> {
          daemon.images.tag(imageId, reference);
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
          daemon.removeImage(reference, force);
          return true;
        });
  }

  @Override
  public void followEvents(Instant since, Runnable opened, Consumer<EngineEvent> sink) {
    daemon.events.follow(since, opened, sink);
  }

  @Override
  public void followLogs(ContainerId id, Instant since, Consumer<LogPiece> sink) {
    FakeContainer container =
        call("followLogs", nameOf(id.value()), Deadline.never(), () -> daemon.require(id.value()));
    if (container.spec.log().driver().equals("none")) {
      throw new CriException(
          Kind.UNSUPPORTED, "configured logging driver does not support reading");
    }
    daemon.logs.follow(id, since, sink, () -> !container.running());
  }

  private String nameOf(String idOrName) {
    return locked(() -> daemon.find(idOrName).map(c -> c.name).orElse(idOrName));
  }

  private void change(
      String kind, ContainerId id, Deadline deadline, Consumer<FakeContainer> effect) {
    call(
        kind,
        nameOf(id.value()),
        deadline,
        () -> {
          effect.accept(daemon.require(id.value()));
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
