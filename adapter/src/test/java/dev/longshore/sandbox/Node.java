package dev.longshore.sandbox;

import dev.longshore.checkpoint.SandboxRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.Deadline;
import dev.longshore.common.Decoded;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.ListPodSandboxResponse;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.PodSandboxStatusResponse;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.docker.OomScoreAdjustment.Mode;
import dev.longshore.network.FakePodNetworks;
import dev.longshore.network.NamespaceAddresses;
import dev.longshore.network.PodNetworks;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One life of the process: everything of this package, wired, on Docker, network and disk. */
final class Node implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-11-24T10:00:00.000000007Z");

  final Mortality mortality = new Mortality();
  final OomScoreAdjustment oom = new OomScoreAdjustment(Mode.AUTO, Optional.empty());
  final SandboxRecords records;
  final View view;
  volatile @Nullable CriException noPauseImage;
  private final StaleSandboxes stale;
  final RunPodSandbox run;
  final StopPodSandbox stop;
  final RemovePodSandbox remove;
  final SandboxQueries queries;
  final UpdatePodSandboxResources update;

  Node(FakeDockerEngine docker, PodNetworks network, Path disk, String pauseImage) {
    DockerEngine engine = mortality.guard(DockerEngine.class, docker);
    PodNetworks networks = mortality.guard(PodNetworks.class, network);
    records = SandboxRecords.open(disk.resolve("sandbox"));
    var work = new SandboxWork();
    var sandboxNetworks = new SandboxNetworks(networks, records);
    stale = new StaleSandboxes(engine, records, work, sandboxNetworks);
    var namespaces = new NamespaceAddresses(disk.resolve("proc"));
    view = new View(engine, new Adoption(networks, namespaces, records, stale), _ -> {});
    var teardown = new SandboxTeardown(engine, view, sandboxNetworks, records);
    var maker = new SandboxMaker(engine, view, networks, records, _ -> image(pauseImage), oom);
    run = new RunPodSandbox(view, records, work, stale, teardown, maker);
    stop = new StopPodSandbox(view, records, work, teardown);
    remove = new RemovePodSandbox(view, records, work, teardown);
    queries =
        new SandboxQueries(view, records, work, (_, _) -> List.of(), InstantSource.fixed(NOW));
    update = new UpdatePodSandboxResources(view);
  }

  /** A node on a fresh fake network. */
  static Node start(FakeDockerEngine docker, FakePodNetworks network, Path disk) {
    Node node = new Node(docker, network, disk, docker.addImage("registry.k8s.io/pause:3.10"));
    node.view.start();
    Eventually.until("Docker is known", () -> node.view.health().ready());
    return node;
  }

  static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(20));
  }

  ContainerId run(RunPodSandboxRequest request) {
    return new ContainerId(run.handle(request, soon()).getPodSandboxId());
  }

  void stop(String id) {
    stop.handle(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build(), soon());
  }

  void remove(String id) {
    remove.handle(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build(), soon());
  }

  List<PodSandbox> list() {
    return list(ListPodSandboxRequest.getDefaultInstance());
  }

  List<PodSandbox> list(ListPodSandboxRequest request) {
    return Decoded.of(queries.list(request), ListPodSandboxResponse.parser()).getItemsList();
  }

  List<String> listed(PodSandboxState state) {
    return list().stream().filter(s -> s.getState() == state).map(PodSandbox::getId).toList();
  }

  PodSandboxStatusResponse status(String id) {
    return queries.status(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
  }

  String ip(ContainerId id) {
    return status(id.value()).getStatus().getNetwork().getIp();
  }

  private String image(String id) {
    CriException failure = noPauseImage;
    noPauseImage = null;
    if (failure != null) {
      throw failure;
    }
    return id;
  }

  @Override
  public void close() {
    view.close();
    stale.await(soon());
  }
}
