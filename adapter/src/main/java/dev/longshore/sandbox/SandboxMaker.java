package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.UndoStack;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.network.NetworkPlan;
import dev.longshore.network.NetworkStatus;
import dev.longshore.network.PodAddresses;
import dev.longshore.network.PodNetworks;
import dev.longshore.view.Mutation;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes a sandbox, whole or not at all. The record is written before the process starts, and says
 * what the network's ADD will use: whatever moment the machine stops at, what is left can be found
 * and taken back. Thread-safe.
 */
public final class SandboxMaker {
  private static final Duration CLEANUP_BUDGET = Duration.ofSeconds(30);
  private static final Duration NETWORK_CLEANUP_BUDGET = Duration.ofMinutes(1);

  private final DockerEngine engine;
  private final View view;
  private final PodNetworks networks;
  private final SandboxRecords records;
  private final PauseImage pauseImage;
  private final OomScoreAdjustment oomScoreAdjustment;

  public SandboxMaker(
      DockerEngine engine,
      View view,
      PodNetworks networks,
      SandboxRecords records,
      PauseImage pauseImage,
      OomScoreAdjustment oomScoreAdjustment) {
    this.engine = engine;
    this.view = view;
    this.networks = networks;
    this.records = records;
    this.pauseImage = pauseImage;
    this.oomScoreAdjustment = oomScoreAdjustment;
  }

  /**
   * Three Docker requests: create, start, inspect.
   *
   * @throws CriException with the failing step's name; ALREADY_EXISTS when the name is taken
   */
  ContainerId make(SandboxJob job) {
    Steps steps = job.steps();
    steps.run("set up network", () -> requireNetwork(job));
    EngineInfo info = steps.get("know Docker", this::engineInfo);
    String image = steps.get("get pause image", () -> pauseImage.ensure(job.deadline()));
    ContainerSpec spec =
        steps.get("read config", () -> SandboxSpecs.from(job.request(), image, info));
    return oomScoreAdjustment.withClamping(
        spec.resources(), granted -> make(job, spec.withResources(granted)));
  }

  /**
   * The sandbox that has the job's name in Docker, whatever the view knows.
   *
   * @throws CriException ALREADY_EXISTS when it is no sandbox
   */
  Optional<EngineContainer> occupant(SandboxJob job) {
    String dockerName = job.name().toDockerName();
    Optional<EngineContainer> found =
        job.steps().get("look for name", () -> engine.inspect(dockerName, job.deadline()));
    found.ifPresent(
        other -> {
          if (!KubeLabels.TYPE_SANDBOX.equals(other.labels().get(KubeLabels.TYPE))) {
            throw new CriException(
                Kind.ALREADY_EXISTS,
                ("%s: container %s has the name %s and is no pod sandbox; remove it with docker rm"
                        + " -f")
                    .formatted(job.steps().prefix(), other.id().shortForm(), dockerName));
          }
        });
    return found;
  }

  private void requireNetwork(SandboxJob job) {
    NetworkStatus status = networks.status();
    if (!job.hostNetwork() && !status.ready()) {
      throw new CriException(Kind.NOT_READY, status.message());
    }
  }

  private EngineInfo engineInfo() {
    return view.health()
        .engine()
        .orElseThrow(
            () -> new CriException(Kind.UNAVAILABLE, "Docker has not answered yet; try again"));
  }

  private ContainerId make(SandboxJob job, ContainerSpec spec) {
    Steps steps = job.steps();
    try (Mutation mutation = view.mutate(spec.name());
        UndoStack undo = new UndoStack()) {
      ContainerId id = steps.get("create container", () -> create(job, spec, undo));
      Leavings left = new Leavings();
      undo.push("remove pod sandbox " + id, () -> remove(mutation, id, left));
      SandboxRecord begun = steps.get("plan network", () -> begun(job, id));
      steps.run("write record", () -> records.put(begun));
      steps.run("start container", () -> engine.start(id, job.deadline()));
      Path netns = steps.get("inspect container", () -> netns(mutation, id, job.deadline()));
      begun.plan().ifPresent(plan -> connect(job, begun, plan, netns, undo, left));
      undo.commit();
      return id;
    }
  }

  private void connect(
      SandboxJob job,
      SandboxRecord begun,
      NetworkPlan plan,
      Path netns,
      UndoStack undo,
      Leavings left) {
    Steps steps = job.steps();
    undo.push("release network of pod sandbox " + begun.id(), () -> detach(plan, netns, left));
    PodAddresses pod = steps.get("set up network", () -> attach(plan, netns, job.deadline()));
    steps.run("write record", () -> records.put(begun.with(Phase.READY, pod.addresses())));
  }

  private ContainerId create(SandboxJob job, ContainerSpec spec, UndoStack undo) {
    try {
      return engine.create(spec, job.deadline());
    } catch (CriException e) {
      switch (e.kind()) {
        case TIMED_OUT, UNAVAILABLE, CANCELLED, INTERNAL ->
            undo.push("look for container " + spec.name(), () -> removeUnheard(job, spec.name()));
        case INVALID, NOT_FOUND, ALREADY_EXISTS, NOT_READY, EXHAUSTED, UNSUPPORTED, NAMED -> {}
      }
      throw e;
    }
  }

  /** Docker may have created the container and only the answer was lost. */
  private void removeUnheard(SandboxJob job, String dockerName) {
    engine
        .inspect(dockerName, Deadline.in(CLEANUP_BUDGET))
        .filter(found -> KubeLabels.read(found.labels()).requestHash().equals(job.hash()))
        .ifPresent(found -> engine.remove(found.id(), Deadline.in(CLEANUP_BUDGET)));
  }

  private SandboxRecord begun(SandboxJob job, ContainerId id) {
    if (job.hostNetwork()) {
      return new SandboxRecord(id, job.name(), true, Phase.READY, Optional.empty(), List.of());
    }
    NetworkPlan plan =
        networks.plan(PodNetworkRequests.from(id, job.name(), job.request().getConfig()));
    return new SandboxRecord(id, job.name(), false, Phase.CREATING, Optional.of(plan), List.of());
  }

  private static Path netns(Mutation mutation, ContainerId id, Deadline deadline) {
    EngineContainer seen =
        mutation
            .refresh(id, deadline)
            .orElseThrow(
                () ->
                    new CriException(
                        Kind.INTERNAL, "container " + id + " is gone; somebody else removed it"));
    return FoundSandbox.netns(seen.state())
        .orElseThrow(
            () ->
                new CriException(
                    Kind.INTERNAL,
                    "container %s has ended already: %s; is the pause image made for this machine?"
                        .formatted(id, how(seen.state()))));
  }

  private static String how(EngineState state) {
    return switch (state) {
      case EngineState.Created() -> "it was not started";
      case EngineState.Running _ -> "it runs";
      case EngineState.Exited exited ->
          "exit code "
              + exited.exitCode()
              + (exited.error().isEmpty() ? "" : ", " + exited.error());
    };
  }

  private PodAddresses attach(NetworkPlan plan, Path netns, Deadline deadline) {
    PodAddresses pod = networks.attach(plan, netns, deadline);
    if (pod.addresses().isEmpty()) {
      throw new CriException(
          Kind.INTERNAL,
          "network %s gave the pod no address; look at its \"ipam\"".formatted(plan.networkName()));
    }
    return pod;
  }

  private void detach(NetworkPlan plan, Path netns, Leavings left) {
    left.network = true;
    networks.detach(
        plan.sandboxId(),
        Optional.of(plan),
        Optional.of(netns),
        Deadline.in(NETWORK_CLEANUP_BUDGET));
    left.network = false;
  }

  /** A network that could not be released keeps its sandbox, for the kubelet's clean-up to find. */
  private void remove(Mutation mutation, ContainerId id, Leavings left) {
    if (!left.network) {
      engine.remove(id, Deadline.in(CLEANUP_BUDGET));
      mutation.refresh(id, Deadline.in(CLEANUP_BUDGET));
      records.remove(id);
    }
  }

  /** What could not be undone; one thread. */
  private static final class Leavings {
    private boolean network;
  }
}
