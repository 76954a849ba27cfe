package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.docker.EngineCall.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A Docker Engine whose every call passes through a policy. */
class PolicedDockerEngine implements DockerEngine {
  private final DockerEngine target;
  private final CallPolicy policy;

  PolicedDockerEngine(DockerEngine target, CallPolicy policy) {
    this.target = target;
    this.policy = policy;
  }

  @Override
  public void ping(Deadline deadline) {
    run(Kind.PING, "", deadline, target::ping);
  }

  @Override
  public EngineInfo info(Deadline deadline) {
    return call(Kind.INFO, "", deadline, target::info);
  }

  @Override
  public List<ListedContainer> list(String label, Deadline deadline) {
    return call(Kind.LIST, label, deadline, d -> target.list(label, d));
  }

  @Override
  public Optional<EngineContainer> inspect(String idOrName, Deadline deadline) {
    return call(Kind.INSPECT, idOrName, deadline, d -> target.inspect(idOrName, d));
  }

  @Override
  public ContainerId create(ContainerSpec spec, Deadline deadline) {
    return call(Kind.CREATE, spec.name(), deadline, d -> target.create(spec, d));
  }

  @Override
  public void start(ContainerId id, Deadline deadline) {
    run(Kind.START, id.shortForm(), deadline, d -> target.start(id, d));
  }

  @Override
  public void stop(ContainerId id, Duration grace, Deadline deadline) {
    EngineCall call = new EngineCall(Kind.STOP, id.shortForm(), grace);
    run(call, deadline, d -> target.stop(id, grace, d));
  }

  @Override
  public void kill(ContainerId id, String signal, Deadline deadline) {
    run(Kind.KILL, id.shortForm(), deadline, d -> target.kill(id, signal, d));
  }

  @Override
  public void remove(ContainerId id, Deadline deadline) {
    run(Kind.REMOVE, id.shortForm(), deadline, d -> target.remove(id, d));
  }

  @Override
  public void requirePath(ContainerId id, String path, Deadline deadline) {
    run(Kind.REQUIRE_PATH, id.shortForm(), deadline, d -> target.requirePath(id, path, d));
  }

  @Override
  public void update(ContainerId id, ResourceSpec resources, Deadline deadline) {
    run(Kind.UPDATE, id.shortForm(), deadline, d -> target.update(id, resources, d));
  }

  @Override
  public String createExec(ContainerId id, ExecSpec spec, Deadline deadline) {
    return call(Kind.CREATE_EXEC, id.shortForm(), deadline, d -> target.createExec(id, spec, d));
  }

  @Override
  public void runExec(
      String execId, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Deadline deadline) {
    run(Kind.RUN_EXEC, execId, deadline, d -> target.runExec(execId, stdout, stderr, d));
  }

  @Override
  public EngineStream startExec(String execId, boolean tty, Deadline deadline) {
    return call(Kind.START_EXEC, execId, deadline, d -> target.startExec(execId, tty, d));
  }

  @Override
  public EngineStream attach(ContainerId id, AttachSpec spec, Deadline deadline) {
    return call(Kind.ATTACH, id.shortForm(), deadline, d -> target.attach(id, spec, d));
  }

  @Override
  public void resizeExec(String execId, TerminalSize size, Deadline deadline) {
    run(Kind.RESIZE_EXEC, execId, deadline, d -> target.resizeExec(execId, size, d));
  }

  @Override
  public void resizeContainer(ContainerId id, TerminalSize size, Deadline deadline) {
    run(Kind.RESIZE, id.shortForm(), deadline, d -> target.resizeContainer(id, size, d));
  }

  @Override
  public ExecState inspectExec(String execId, Deadline deadline) {
    return call(Kind.INSPECT_EXEC, execId, deadline, d -> target.inspectExec(execId, d));
  }

  @Override
  public List<EngineImage> images(Deadline deadline) {
    return call(Kind.IMAGES, "", deadline, target::images);
  }

  @Override
  public Optional<EngineImage> image(String reference, Deadline deadline) {
    return call(Kind.IMAGE, reference, deadline, d -> target.image(reference, d));
  }

  @Override
  public String imageSpec(String imageId, Deadline deadline) {
    return call(Kind.IMAGE_SPEC, imageId, deadline, d -> target.imageSpec(imageId, d));
  }

  @Override
  public ImageLayers layers(String imageId, Deadline deadline) {
    return call(Kind.LAYERS, imageId, deadline, d -> target.layers(imageId, d));
  }

  @Override
  public List<ContainerId> containersOf(String imageId, Deadline deadline) {
    return call(Kind.CONTAINERS_OF, imageId, deadline, d -> target.containersOf(imageId, d));
  }

  @Override
  public void pull(
      String reference, Optional<RegistryAuth> auth, PullListener listener, Deadline deadline) {
    run(Kind.PULL, reference, deadline, d -> target.pull(reference, auth, listener, d));
  }

  @Override
  public void tag(String imageId, String reference, Deadline deadline) {
    run(Kind.TAG, reference, deadline, d -> target.tag(imageId, reference, d));
  }

  @Override
  public void removeImage(String reference, boolean force, Deadline deadline) {
    run(Kind.REMOVE_IMAGE, reference, deadline, d -> target.removeImage(reference, force, d));
  }

  @Override
  public void followEvents(Instant since, Runnable opened, Consumer<EngineEvent> sink) {
    run(Kind.EVENTS, "", Deadline.never(), _ -> target.followEvents(since, opened, sink));
  }

  @Override
  public void followLogs(ContainerId id, Instant since, Consumer<LogPiece> sink) {
    run(Kind.LOGS, id.shortForm(), Deadline.never(), _ -> target.followLogs(id, since, sink));
  }

  private <T> T call(Kind kind, String subject, Deadline deadline, Function<Deadline, T> next) {
    return policy.apply(new EngineCall(kind, subject), deadline, next);
  }

  private void run(Kind kind, String subject, Deadline deadline, Consumer<Deadline> next) {
    run(new EngineCall(kind, subject), deadline, next);
  }

  private void run(EngineCall call, Deadline deadline, Consumer<Deadline> next) {
    boolean _ =
        policy.apply(
            call,
            deadline,
            d -> {
              next.accept(d);
              return true;
            });
  }
}
