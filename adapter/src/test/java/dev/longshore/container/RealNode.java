package dev.longshore.container;

import dev.longshore.checkpoint.SandboxRecord;
import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerMetadata;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Int64Value;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.ContainerSpec.NamespaceSpec;
import dev.longshore.docker.ContainerSpec.ProcessSpec;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.LogSpool;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.docker.OomScoreAdjustment.Mode;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import dev.longshore.docker.javaclient.TestImage;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.OverlayMounts;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.view.ContainerView;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A pod without a network on the Docker Engine that DOCKER_HOST names, or the machine's own, and
 * the operations on its containers. Closing it removes all of them.
 */
final class RealNode implements AutoCloseable {
  final JavaDockerEngine docker;
  final Processes processes = new Processes(Path.of("/proc"));
  final MountedImages mounted;
  final View view;
  private final KernelSide kernel =
      new KernelSide(new CgroupReader(Path.of("/proc")), new Processes(Path.of("/proc")));
  final ContainerId sandbox;
  final CreateContainer create;
  final StartContainer start;
  final StopContainer stop;
  final RemoveContainer remove;
  final UpdateContainerResources update;
  final ContainerQueries queries;
  final ExecSync exec;
  private int made;

  RealNode(Path folder) {
    DockerHost host =
        DockerHost.parse(
            System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock"));
    TestImage.load(host);
    docker = new JavaDockerEngine(host);
    SandboxRecords records = SandboxRecords.open(folder);
    ImageCatalog images = new ImageCatalog(docker);
    OomScoreAdjustment oom = new OomScoreAdjustment(Mode.NEVER, Optional.empty());
    KubeName pod = KubeName.sandbox("it", "default", UUID.randomUUID().toString(), 0);
    sandbox = docker.create(sandboxSpec(pod), soon());
    docker.start(sandbox, soon());
    records.put(new SandboxRecord(sandbox, pod, false, Phase.READY, Optional.empty(), List.of()));
    mounted =
        new MountedImages(
            folder.resolve("image-volumes"), new OverlayMounts(processes), () -> view().snapshot());
    ImageVolumes volumes = new ImageVolumes(images, docker, mounted, processes);
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
    exec = new ExecSync(view, docker, processes, new Signals());
    view.start();
    Eventually.until(
        "the pod is seen",
        () -> view.health().ready() && view.snapshot().sandbox(sandbox.value()).isPresent());
  }

  private View view() {
    return view;
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofMinutes(1));
  }

  private static ContainerSpec sandboxSpec(KubeName pod) {
    return new ContainerSpec(
        pod.toDockerName(),
        TestImage.NAME,
        KubeLabels.forSandbox(new KubeLabels.Metadata(Map.of(), Map.of(), Optional.of(""), "", "")),
        new ProcessSpec(
            List.of("sleep", "1000"), List.of(), List.of(), "", "", "", false, false, false),
        new NamespaceSpec("none", "", "shareable", "", "pod", "", Map.of(), DnsSpec.DEFAULT),
        SecuritySpecs.DEFAULTS,
        ResourceSpec.NONE,
        List.of(),
        List.of(),
        List.of(),
        "",
        LogSpec.DAEMONS_CHOICE);
  }

  /** A container with a name of its own that runs the command. */
  ContainerConfig.Builder config(String... command) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("c" + ++made))
        .setImage(ImageSpec.newBuilder().setImage(TestImage.NAME))
        .addAllCommand(List.of(command));
  }

  String create(ContainerConfig.Builder config) {
    return create.handle(Samples.request(config, sandbox.value()), soon()).getContainerId();
  }

  String running(ContainerConfig.Builder config) {
    String id = create(config);
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

  void awaitEnd(String id) {
    Eventually.until(
        id + " has ended", () -> status(id).getState() == ContainerState.CONTAINER_EXITED);
  }

  ExecSyncResponse exec(String id, long seconds, String... command) {
    return exec.handle(
        ExecSyncRequest.newBuilder()
            .setContainerId(id)
            .setTimeout(seconds)
            .addAllCmd(List.of(command))
            .build(),
        soon());
  }

  /** What a shell line prints, both streams, whatever its exit code. */
  String sh(String id, String line) {
    return exec(id, 30, "sh", "-c", line + " 2>&1").getStdout().toStringUtf8();
  }

  @Override
  public void close() {
    for (ContainerView container : view.snapshot().containersOf(sandbox)) {
      docker.remove(container.engine().id(), soon());
    }
    docker.remove(sandbox, soon());
    Eventually.until("no container is left", () -> view.snapshot().containersOf(sandbox).isEmpty());
    mounted.unmountUnused();
    view.close();
    docker.close();
  }

  /** A bind mount without propagation. */
  static Mount.Builder mount(Path host, String container) {
    return Mount.newBuilder()
        .setHostPath(host.toString())
        .setContainerPath(container)
        .setPropagation(MountPropagation.PROPAGATION_PRIVATE);
  }

  static Int64Value number(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }
}
