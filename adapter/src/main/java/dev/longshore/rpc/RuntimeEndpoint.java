package dev.longshore.rpc;

import dev.longshore.cri.v1.AttachRequest;
import dev.longshore.cri.v1.AttachResponse;
import dev.longshore.cri.v1.ContainerEventResponse;
import dev.longshore.cri.v1.ContainerStatsRequest;
import dev.longshore.cri.v1.ContainerStatsResponse;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.CreateContainerResponse;
import dev.longshore.cri.v1.ExecRequest;
import dev.longshore.cri.v1.ExecResponse;
import dev.longshore.cri.v1.ExecSyncRequest;
import dev.longshore.cri.v1.ExecSyncResponse;
import dev.longshore.cri.v1.GetEventsRequest;
import dev.longshore.cri.v1.ListContainerStatsRequest;
import dev.longshore.cri.v1.ListContainerStatsResponse;
import dev.longshore.cri.v1.ListMetricDescriptorsRequest;
import dev.longshore.cri.v1.ListMetricDescriptorsResponse;
import dev.longshore.cri.v1.ListPodSandboxMetricsRequest;
import dev.longshore.cri.v1.ListPodSandboxMetricsResponse;
import dev.longshore.cri.v1.ListPodSandboxStatsRequest;
import dev.longshore.cri.v1.ListPodSandboxStatsResponse;
import dev.longshore.cri.v1.PodSandboxStatsRequest;
import dev.longshore.cri.v1.PodSandboxStatsResponse;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.PodSandboxStatusResponse;
import dev.longshore.cri.v1.PortForwardRequest;
import dev.longshore.cri.v1.PortForwardResponse;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.cri.v1.RemoveContainerResponse;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.RemovePodSandboxResponse;
import dev.longshore.cri.v1.ReopenContainerLogRequest;
import dev.longshore.cri.v1.ReopenContainerLogResponse;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.RunPodSandboxResponse;
import dev.longshore.cri.v1.RuntimeConfigRequest;
import dev.longshore.cri.v1.RuntimeConfigResponse;
import dev.longshore.cri.v1.RuntimeServiceGrpc;
import dev.longshore.cri.v1.StartContainerRequest;
import dev.longshore.cri.v1.StartContainerResponse;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.cri.v1.StatusResponse;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.StopContainerResponse;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.cri.v1.StopPodSandboxResponse;
import dev.longshore.cri.v1.StreamContainerStatsRequest;
import dev.longshore.cri.v1.StreamContainerStatsResponse;
import dev.longshore.cri.v1.StreamPodSandboxMetricsRequest;
import dev.longshore.cri.v1.StreamPodSandboxMetricsResponse;
import dev.longshore.cri.v1.StreamPodSandboxStatsRequest;
import dev.longshore.cri.v1.StreamPodSandboxStatsResponse;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesResponse;
import dev.longshore.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.longshore.cri.v1.UpdatePodSandboxResourcesResponse;
import dev.longshore.cri.v1.UpdateRuntimeConfigRequest;
import dev.longshore.cri.v1.UpdateRuntimeConfigResponse;
import dev.longshore.cri.v1.VersionRequest;
import dev.longshore.cri.v1.VersionResponse;
import dev.longshore.node.ContainerEvents;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/**
 * The RuntimeService but for the lists of {@link EncodedLists}: one call of ours for each RPC. What
 * is not here is UNIMPLEMENTED.
 */
final class RuntimeEndpoint extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  // A command without a timeout may run for ever (CRI, ExecSyncRequest.timeout).
  private static final Duration UNBOUNDED = Duration.ofDays(3650);

  private final CallRunner calls;
  private final RuntimeCalls.Sandboxes sandboxes;
  private final RuntimeCalls.Containers containers;
  private final RuntimeCalls.Streams streams;
  private final RuntimeCalls.Node node;

  RuntimeEndpoint(CallRunner calls, RuntimeCalls to) {
    this.calls = calls;
    this.sandboxes = to.sandboxes();
    this.containers = to.containers();
    this.streams = to.streams();
    this.node = to.node();
  }

  // ---- node

  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> caller) {
    calls.read("Version", "", caller, _ -> node.queries().version());
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> caller) {
    calls.read("Status", "", caller, _ -> node.status().status(request));
  }

  @Override
  public void runtimeConfig(
      RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> caller) {
    calls.read("RuntimeConfig", "", caller, _ -> node.queries().runtimeConfig());
  }

  @Override
  public void updateRuntimeConfig(
      UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> caller) {
    String cidr = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
    calls.change("UpdateRuntimeConfig", cidr, caller, d -> node.update().handle(request, d));
  }

  // ---- sandboxes

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> caller) {
    calls.change(
        "RunPodSandbox",
        Texts.pod(request.getConfig().getMetadata()),
        calls.bound(),
        caller,
        deadline -> sandboxes.run().handle(request, deadline),
        RunPodSandboxResponse::getPodSandboxId);
  }

  @Override
  public void stopPodSandbox(
      StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> caller) {
    calls.change(
        "StopPodSandbox",
        request.getPodSandboxId(),
        caller,
        deadline -> sandboxes.stop().handle(request, deadline));
  }

  @Override
  public void removePodSandbox(
      RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> caller) {
    calls.change(
        "RemovePodSandbox",
        request.getPodSandboxId(),
        caller,
        deadline -> sandboxes.remove().handle(request, deadline));
  }

  @Override
  public void podSandboxStatus(
      PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> caller) {
    calls.now(
        "PodSandboxStatus",
        request.getPodSandboxId(),
        caller,
        () -> sandboxes.queries().status(request));
  }

  @Override
  public void updatePodSandboxResources(
      UpdatePodSandboxResourcesRequest request,
      StreamObserver<UpdatePodSandboxResourcesResponse> caller) {
    calls.change(
        "UpdatePodSandboxResources",
        request.getPodSandboxId(),
        caller,
        deadline -> sandboxes.update().handle(request, deadline));
  }

  @Override
  public void podSandboxStats(
      PodSandboxStatsRequest request, StreamObserver<PodSandboxStatsResponse> caller) {
    calls.read(
        "PodSandboxStats",
        request.getPodSandboxId(),
        caller,
        _ -> sandboxes.stats().status(request));
  }

  @Override
  public void listPodSandboxStats(
      ListPodSandboxStatsRequest request, StreamObserver<ListPodSandboxStatsResponse> caller) {
    calls.read("ListPodSandboxStats", "", caller, _ -> sandboxes.stats().list(request));
  }

  @Override
  public void streamPodSandboxStats(
      StreamPodSandboxStatsRequest request, StreamObserver<StreamPodSandboxStatsResponse> caller) {
    var list = ListPodSandboxStatsRequest.newBuilder().setFilter(request.getFilter()).build();
    calls.streamList(
        "StreamPodSandboxStats",
        caller,
        _ -> sandboxes.stats().list(list).getStatsList(),
        part -> StreamPodSandboxStatsResponse.newBuilder().addAllPodSandboxStats(part).build());
  }

  @Override
  public void listMetricDescriptors(
      ListMetricDescriptorsRequest request, StreamObserver<ListMetricDescriptorsResponse> caller) {
    calls.read("ListMetricDescriptors", "", caller, _ -> sandboxes.metrics().descriptors());
  }

  @Override
  public void listPodSandboxMetrics(
      ListPodSandboxMetricsRequest request, StreamObserver<ListPodSandboxMetricsResponse> caller) {
    calls.read("ListPodSandboxMetrics", "", caller, _ -> sandboxes.metrics().list());
  }

  @Override
  public void streamPodSandboxMetrics(
      StreamPodSandboxMetricsRequest request,
      StreamObserver<StreamPodSandboxMetricsResponse> caller) {
    calls.streamList(
        "StreamPodSandboxMetrics",
        caller,
        _ -> sandboxes.metrics().list().getPodMetricsList(),
        part -> StreamPodSandboxMetricsResponse.newBuilder().addAllPodSandboxMetrics(part).build());
  }

  // ---- containers

  @Override
  public void createContainer(
      CreateContainerRequest request, StreamObserver<CreateContainerResponse> caller) {
    String name = request.getConfig().getMetadata().getName();
    calls.change(
        "CreateContainer",
        "%s in %s".formatted(name, request.getPodSandboxId()),
        calls.bound(),
        caller,
        deadline -> containers.create().handle(request, deadline),
        CreateContainerResponse::getContainerId);
  }

  @Override
  public void startContainer(
      StartContainerRequest request, StreamObserver<StartContainerResponse> caller) {
    calls.change(
        "StartContainer",
        request.getContainerId(),
        caller,
        deadline -> containers.start().handle(request, deadline));
  }

  @Override
  public void stopContainer(
      StopContainerRequest request, StreamObserver<StopContainerResponse> caller) {
    calls.change(
        "StopContainer",
        request.getContainerId(),
        calls.bound().plus(seconds(request.getTimeout())),
        caller,
        deadline -> containers.stop().handle(request, deadline),
        _ -> "");
  }

  @Override
  public void removeContainer(
      RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> caller) {
    calls.change(
        "RemoveContainer",
        request.getContainerId(),
        caller,
        deadline -> containers.remove().handle(request, deadline));
  }

  @Override
  public void containerStatus(
      ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> caller) {
    calls.now(
        "ContainerStatus",
        request.getContainerId(),
        caller,
        () -> containers.queries().status(request));
  }

  @Override
  public void updateContainerResources(
      UpdateContainerResourcesRequest request,
      StreamObserver<UpdateContainerResourcesResponse> caller) {
    calls.change(
        "UpdateContainerResources",
        request.getContainerId(),
        caller,
        deadline -> containers.update().handle(request, deadline));
  }

  @Override
  public void reopenContainerLog(
      ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> caller) {
    calls.change(
        "ReopenContainerLog",
        request.getContainerId(),
        caller,
        _ -> containers.reopen().handle(request));
  }

  /** Logged as a read: probes come every few seconds. */
  @Override
  public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> caller) {
    Duration own =
        request.getTimeout() == 0 ? UNBOUNDED : calls.bound().plus(seconds(request.getTimeout()));
    calls.read(
        "ExecSync",
        request.getContainerId(),
        own,
        caller,
        deadline -> containers.exec().handle(request, deadline));
  }

  @Override
  public void containerStats(
      ContainerStatsRequest request, StreamObserver<ContainerStatsResponse> caller) {
    calls.read(
        "ContainerStats",
        request.getContainerId(),
        caller,
        _ -> containers.stats().status(request));
  }

  @Override
  public void listContainerStats(
      ListContainerStatsRequest request, StreamObserver<ListContainerStatsResponse> caller) {
    calls.read("ListContainerStats", "", caller, _ -> containers.stats().list(request));
  }

  @Override
  public void streamContainerStats(
      StreamContainerStatsRequest request, StreamObserver<StreamContainerStatsResponse> caller) {
    var list = ListContainerStatsRequest.newBuilder().setFilter(request.getFilter()).build();
    calls.streamList(
        "StreamContainerStats",
        caller,
        _ -> containers.stats().list(list).getStatsList(),
        part -> StreamContainerStatsResponse.newBuilder().addAllContainerStats(part).build());
  }

  /** Never completes by itself: the caller leaves, or is cut off. */
  @Override
  public void getContainerEvents(
      GetEventsRequest request, StreamObserver<ContainerEventResponse> caller) {
    calls.stream(
        "GetContainerEvents",
        UNBOUNDED,
        caller,
        (out, deadline) -> {
          try (ContainerEvents.Subscription events = node.events().subscribe(out::abort)) {
            while (true) {
              out.send(events.next(), deadline);
            }
          }
        });
  }

  // ---- streams

  @Override
  public void exec(ExecRequest request, StreamObserver<ExecResponse> caller) {
    calls.change("Exec", request.getContainerId(), caller, _ -> streams.exec().prepare(request));
  }

  @Override
  public void attach(AttachRequest request, StreamObserver<AttachResponse> caller) {
    calls.change(
        "Attach", request.getContainerId(), caller, _ -> streams.attach().prepare(request));
  }

  @Override
  public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> caller) {
    calls.change(
        "PortForward",
        request.getPodSandboxId(),
        caller,
        _ -> streams.portForward().prepare(request));
  }

  private static Duration seconds(long requested) {
    return Duration.ofSeconds(Math.clamp(requested, 0, UNBOUNDED.toSeconds()));
  }
}
