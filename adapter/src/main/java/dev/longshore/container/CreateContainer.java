package dev.longshore.container;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.common.KeyedLocks;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.CreateContainerResponse;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.ImageVolume;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.LogSpool;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.spec.RequestHash;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Mutation;
import dev.longshore.view.SandboxView;
import dev.longshore.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * CreateContainer: one Docker request. Equal requests at the same time share the work, which
 * outlives its callers; a request that was answered before, or whose answer was lost, gets the
 * container it made, as long as that was not started.
 */
public final class CreateContainer {
  private static final Duration BUDGET = Duration.ofMinutes(2);

  private final View view;
  private final DockerEngine engine;
  private final ImageCatalog images;
  private final SandboxRecords records;
  private final OomScoreAdjustment oom;
  private final LogSpool spool;
  private final ImageVolumes volumes;
  private final InFlight<Work, ContainerId> creating = new InFlight<>("creation of container");
  private final KeyedLocks<String> names = new KeyedLocks<>("container name");

  public CreateContainer(
      View view,
      DockerEngine engine,
      ImageCatalog images,
      SandboxRecords records,
      OomScoreAdjustment oom,
      LogSpool spool,
      ImageVolumes volumes) {
    this.view = view;
    this.engine = engine;
    this.images = images;
    this.records = records;
    this.oom = oom;
    this.spool = spool;
    this.volumes = volumes;
  }

  /**
   * Creates a container in a ready sandbox.
   *
   * @throws CriException NOT_FOUND for an unknown sandbox or image, NOT_READY for a sandbox that is
   *     not ready, ALREADY_EXISTS when a running container has the name, NAMED when an image volume
   *     cannot be mounted
   */
  public CreateContainerResponse handle(CreateContainerRequest request, Deadline deadline) {
    Requests.require("pod_sandbox_id", request.getPodSandboxId());
    Requests.require("config", request.hasConfig());
    Requests.require("config.metadata", request.getConfig().hasMetadata());
    SandboxView sandbox = readySandbox(request);
    checkTarget(request, sandbox);
    EngineInfo info = engineInfo();
    List<ImageVolume> images = volumes.of(request.getConfig(), info, deadline);
    ContainerSpec wanted = ContainerSpecs.from(request, sandbox, info, images);
    ContainerSpec spec =
        wanted.withResources(oom.apply(wanted.resources())).withLog(spool.on(info));
    ContainerId id =
        creating.join(
            new Work(spec.name(), sandbox.engine().id(), RequestHash.of(request.getConfig())),
            deadline,
            () -> create(spec, info, Deadline.in(BUDGET)));
    return CreateContainerResponse.newBuilder().setContainerId(id.value()).build();
  }

  private SandboxView readySandbox(CreateContainerRequest request) {
    String id = request.getPodSandboxId();
    String name = request.getConfig().getMetadata().getName();
    SandboxView sandbox =
        view.snapshot()
            .sandbox(id)
            .orElseThrow(
                () ->
                    new CriException(
                        Kind.NOT_FOUND,
                        "cannot create container %s: no such pod sandbox: %s".formatted(name, id)));
    if (!records.ready(sandbox.engine())) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot create container %s: pod sandbox %s is not ready".formatted(name, id));
    }
    return sandbox;
  }

  /** The container whose processes an ephemeral container wants to see. */
  private void checkTarget(CreateContainerRequest request, SandboxView sandbox) {
    NamespaceOption options =
        request.getConfig().getLinux().getSecurityContext().getNamespaceOptions();
    if (options.getPid() != NamespaceMode.TARGET || options.getTargetId().isEmpty()) {
      return;
    }
    boolean runsHere =
        view.snapshot()
            .container(options.getTargetId())
            .filter(target -> target.sandboxId().equals(sandbox.engine().id()))
            .filter(target -> target.engine().state() instanceof EngineState.Running)
            .isPresent();
    if (!runsHere) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot create container %s: its target %s does not run in pod sandbox %s"
              .formatted(
                  request.getConfig().getMetadata().getName(),
                  options.getTargetId(),
                  sandbox.engine().id()));
    }
  }

  private EngineInfo engineInfo() {
    return view.health()
        .engine()
        .orElseThrow(() -> new CriException(Kind.UNAVAILABLE, "Docker has not said yet who it is"));
  }

  private ContainerId create(ContainerSpec wanted, EngineInfo info, Deadline deadline) {
    EngineImage image =
        images.find(wanted.image(), deadline).orElseThrow(() -> imageMissing(wanted, ""));
    try (var _ = names.lock(wanted.name(), deadline);
        Mutation change = view.mutate(wanted.name());
        ImageVolumes.Placed placed = volumes.place(wanted, info, deadline)) {
      ContainerSpec spec = placed.spec();
      Optional<ContainerId> same =
          view.snapshot()
              .containerNamed(spec.name())
              .flatMap(old -> settle(Holder.of(old), spec, change, deadline));
      if (same.isPresent()) {
        return same.get();
      }
      try {
        return createNow(spec, image, change, deadline);
      } catch (CriException e) {
        if (e.kind() != Kind.ALREADY_EXISTS) {
          throw e;
        }
        return createDespite(e, spec, image, change, deadline);
      }
    }
  }

  private ContainerId createNow(
      ContainerSpec spec, EngineImage image, Mutation change, Deadline deadline) {
    try {
      ContainerId id = engine.create(spec, deadline);
      volumes.created(id, spec, deadline);
      change.created(ContainerSpecs.asCreated(spec, id, image, Instant.now()));
      return id;
    } catch (CriException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        images.invalidate();
        throw imageMissing(spec, ": " + e.getMessage());
      }
      throw volumes.explained(KubeLabels.read(spec.labels()).imageVolumes(), e);
    }
  }

  /** The name is taken by a container that the view does not know, or not yet. */
  private ContainerId createDespite(
      CriException conflict,
      ContainerSpec spec,
      EngineImage image,
      Mutation change,
      Deadline deadline) {
    EngineContainer other = engine.inspect(spec.name(), deadline).orElseThrow(() -> conflict);
    Optional<ContainerId> same = settle(Holder.of(other), spec, change, deadline);
    if (same.isPresent()) {
      change.refresh(same.get(), deadline);
      return same.get();
    }
    return createNow(spec, image, change, deadline);
  }

  /** The old container's id when it is what was asked for; otherwise it is removed. */
  private Optional<ContainerId> settle(
      Holder old, ContainerSpec spec, Mutation change, Deadline deadline) {
    if (old.state() instanceof EngineState.Created && old.isMadeFrom(spec)) {
      return Optional.of(old.id());
    }
    if (old.state() instanceof EngineState.Running && isWanted(old)) {
      throw new CriException(
          Kind.ALREADY_EXISTS,
          "cannot create container %s: container %s of that name runs; stop and remove it first"
              .formatted(spec.name(), old.id()));
    }
    engine.remove(old.id(), deadline);
    change.refresh(old.id(), deadline);
    return Optional.empty();
  }

  /** Not a leftover of a dead sandbox; what is not ours at all is somebody's too. */
  private boolean isWanted(Holder old) {
    return old.sandboxId().isEmpty()
        || view.snapshot()
            .sandbox(old.sandboxId())
            .filter(sandbox -> records.ready(sandbox.engine()))
            .isPresent();
  }

  private static CriException imageMissing(ContainerSpec spec, String dockersWords) {
    return new CriException(
        Kind.NOT_FOUND,
        "cannot create container %s: image %s is not on this node; pull it first%s"
            .formatted(spec.name(), spec.image(), dockersWords));
  }

  /** What makes two requests the same. */
  private record Work(String name, ContainerId sandbox, String hash) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** The container that has the name; {@code sandboxId} is empty for one that is not ours. */
  private record Holder(ContainerId id, EngineState state, String requestHash, String sandboxId) {
    static Holder of(ContainerView seen) {
      return new Holder(
          seen.engine().id(),
          seen.engine().state(),
          seen.metadata().requestHash(),
          seen.sandboxId().value());
    }

    static Holder of(EngineContainer inspected) {
      return new Holder(
          inspected.id(),
          inspected.state(),
          KubeLabels.read(inspected.labels()).requestHash(),
          inspected.labels().getOrDefault(KubeLabels.SANDBOX_ID, ""));
    }

    boolean isMadeFrom(ContainerSpec spec) {
      return requestHash.equals(KubeLabels.read(spec.labels()).requestHash())
          && sandboxId.equals(spec.labels().getOrDefault(KubeLabels.SANDBOX_ID, ""));
    }
  }
}
