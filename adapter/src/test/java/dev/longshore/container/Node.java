package dev.longshore.container;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.common.Decoded;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListContainersResponse;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.LogSpool;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.docker.OomScoreAdjustment.Mode;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.kernel.FakeCgroups;
import dev.longshore.kernel.FakeLayerMounts;
import dev.longshore.kernel.Processes;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node with a fake Docker, one ready pod named web, and all operations on containers. */
final class Node implements AutoCloseable {
  static final String IMAGE = Samples.IMAGE;
  static final String APP = Samples.NAME;

  final FakeDockerEngine docker = new FakeDockerEngine();
  final OomScoreAdjustment oom = new OomScoreAdjustment(Mode.AUTO, Optional.empty());
  final SandboxRecords records;
  final FakeCgroups cgroups;
  final KernelSide kernel;
  final FakeLayerMounts layers;
  final ImageVolumes volumes;
  final View view;
  final ContainerId sandbox;
  final String imageId;
  final CreateContainer create;
  final StartContainer start;
  final StopContainer stop;
  final RemoveContainer remove;
  final UpdateContainerResources update;
  final ContainerQueries queries;

  Node(Path folder) {
    this(folder, FakeCgroups.v1(folder.resolve("host")), Optional.empty());
  }

  Node(Path folder, FakeCgroups cgroups, Optional<EngineInfo> engine) {
    engine.ifPresent(docker::setInfo);
    this.cgroups = cgroups;
    kernel = new KernelSide(cgroups.reader(), new Processes(cgroups.proc()));
    records = SandboxRecords.open(folder.resolve("records"));
    docker.addImage("pause:3");
    imageId = docker.addImage(IMAGE);
    sandbox = runSandbox("web", 0, "none");
    ImageCatalog images = new ImageCatalog(docker);
    // One question beforehand: that of the kubelet, which looks for the image before it creates.
    images.find(IMAGE, soon());
    layers = new FakeLayerMounts();
    MountedImages mounted =
        new MountedImages(folder.resolve("image-volumes"), layers, () -> view().snapshot());
    volumes = new ImageVolumes(images, docker, mounted, new Processes(cgroups.proc()));
    view = new View(docker, volumes::forgetAllBut, images::onEvent);
    view.addListener(volumes::changed);
    create =
        new CreateContainer(
            view, docker, images, records, oom, new LogSpool("local", "16m", 4, false), volumes);
    start = new StartContainer(view, docker, oom, kernel, volumes);
    stop = new StopContainer(view, docker);
    remove = new RemoveContainer(view, docker);
    update = new UpdateContainerResources(view, docker, kernel);
    queries = new ContainerQueries(view, kernel);
    view.start();
    Eventually.until("the view is ready", () -> view.health().ready());
    images.find(IMAGE, soon());
    docker.clearCalls();
  }

  private View view() {
    return view;
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  /** A running, ready sandbox; others than the first appear in the view when it has looked. */
  ContainerId runSandbox(String pod, long attempt, String network) {
    KubeName name = KubeName.sandbox(pod, "default", "uid-1", attempt);
    ContainerId id = docker.createBehind(sandboxSpec(name, network));
    docker.startBehind(id.value());
    records.put(
        new SandboxRecord(id, name, false, Phase.READY, Optional.empty(), List.of("10.0.0.1")));
    return id;
  }

  private static ContainerSpec sandboxSpec(KubeName name, String network) {
    return new ContainerSpec(
        name.toDockerName(),
        "pause:3",
        KubeLabels.forSandbox(new KubeLabels.Metadata(Map.of(), Map.of(), Optional.of(""), "", "")),
        new ProcessSpec(List.of(), List.of(), List.of(), "", "", "", false, false, false),
        new NamespaceSpec(network, "", "shareable", "", "", "", Map.of(), DnsSpec.DEFAULT),
        SecuritySpecs.DEFAULTS,
        ResourceSpec.NONE,
        List.of(),
        List.of(),
        List.of(),
        "",
        LogSpec.DAEMONS_CHOICE);
  }

  /** Creates a container in the pod and returns its id. */
  String create(ContainerConfig.Builder config) {
    return create.handle(Samples.request(config, sandbox.value()), soon()).getContainerId();
  }

  /** Creates the container named app and starts it. */
  String running() {
    String id = create(Samples.config());
    startOnly(id);
    return id;
  }

  void startOnly(String id) {
    start.handle(StartContainerRequest.newBuilder().setContainerId(id).build(), soon());
  }

  ContainerStatus status(String id) {
    return queries
        .status(ContainerStatusRequest.newBuilder().setContainerId(id).build())
        .getStatus();
  }

  ContainerState state(String id) {
    return status(id).getState();
  }

  List<Container> list() {
    return list(ListContainersRequest.getDefaultInstance());
  }

  List<Container> list(ListContainersRequest request) {
    return Decoded.of(queries.list(request), ListContainersResponse.parser()).getContainersList();
  }

  /** Waits until the view has seen what happened behind its back. */
  void awaitState(String id, ContainerState state) {
    Eventually.until(id + " is " + state, () -> state(id) == state);
  }

  @Override
  public void close() {
    docker.resume();
    view.close();
  }
}
