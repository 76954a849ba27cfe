package dev.longshore.rpc;

import static dev.longshore.cri.v1.RuntimeServiceGrpc.getListContainersMethod;
import static dev.longshore.cri.v1.RuntimeServiceGrpc.getListPodSandboxMethod;
import static dev.longshore.cri.v1.RuntimeServiceGrpc.getStreamContainersMethod;
import static dev.longshore.cri.v1.RuntimeServiceGrpc.getStreamPodSandboxesMethod;
import static dev.longshore.rpc.EncodedMethods.streaming;
import static dev.longshore.rpc.EncodedMethods.unary;

import dev.longshore.common.Encoded;
import dev.longshore.container.ContainerQueries;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.StreamContainersRequest;
import dev.longshore.cri.v1.StreamPodSandboxesRequest;
import dev.longshore.sandbox.SandboxQueries;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** The lists of sandboxes and containers, in bytes that are kept. */
final class EncodedLists {
  private final CallRunner calls;
  private final SandboxQueries sandboxes;
  private final ContainerQueries containers;

  EncodedLists(CallRunner calls, SandboxQueries sandboxes, ContainerQueries containers) {
    this.calls = calls;
    this.sandboxes = sandboxes;
    this.containers = containers;
  }

  /** The generated service with these lists in the place of its own. */
  ServerServiceDefinition over(ServerServiceDefinition generated) {
    return EncodedMethods.over(
        generated,
        List.of(
            unary(getListPodSandboxMethod(), this::listPodSandbox),
            unary(getListContainersMethod(), this::listContainers),
            streaming(getStreamPodSandboxesMethod(), this::streamPodSandboxes),
            streaming(getStreamContainersMethod(), this::streamContainers)));
  }

  private void listPodSandbox(ListPodSandboxRequest request, StreamObserver<Encoded> caller) {
    calls.now("ListPodSandbox", "", caller, () -> sandboxes.list(request));
  }

  private void listContainers(ListContainersRequest request, StreamObserver<Encoded> caller) {
    calls.now("ListContainers", "", caller, () -> containers.list(request));
  }

  private void streamPodSandboxes(
      StreamPodSandboxesRequest request, StreamObserver<Encoded> caller) {
    var list = ListPodSandboxRequest.newBuilder().setFilter(request.getFilter()).build();
    calls.streamList("StreamPodSandboxes", caller, _ -> sandboxes.list(list));
  }

  private void streamContainers(StreamContainersRequest request, StreamObserver<Encoded> caller) {
    var list = ListContainersRequest.newBuilder().setFilter(request.getFilter()).build();
    calls.streamList("StreamContainers", caller, _ -> containers.list(list));
  }
}
