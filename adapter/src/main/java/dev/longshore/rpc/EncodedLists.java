package dev.longshore.rpc;

import static dev.longshore.cri.v1.RuntimeServiceGrpc.getListContainersMethod;
import static dev.longshore.cri.v1.RuntimeServiceGrpc.getListPodSandboxMethod;
import static dev.longshore.cri.v1.RuntimeServiceGrpc.getStreamContainersMethod;
import static dev.longshore.cri.v1.RuntimeServiceGrpc.getStreamPodSandboxesMethod;

import dev.longshore.common.Encoded;
import dev.longshore.container.ContainerQueries;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.StreamContainersRequest;
import dev.longshore.cri.v1.StreamPodSandboxesRequest;
import dev.longshore.sandbox.SandboxQueries;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The lists of sandboxes and containers, which go out in bytes that are kept: to encode a node's
 * lists costs more than all else in the call. gRPC's generated service sends nothing but messages.
 */
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
    Map<String, ServerMethodDefinition<?, ?>> ours =
        Stream.of(
                unary(getListPodSandboxMethod(), this::listPodSandbox),
                unary(getListContainersMethod(), this::listContainers),
                streaming(getStreamPodSandboxesMethod(), this::streamPodSandboxes),
                streaming(getStreamContainersMethod(), this::streamContainers))
            .collect(Collectors.toMap(m -> m.getMethodDescriptor().getFullMethodName(), m -> m));
    var all = ServerServiceDefinition.builder(generated.getServiceDescriptor().getName());
    generated
        .getMethods()
        .forEach(
            m -> all.addMethod(ours.getOrDefault(m.getMethodDescriptor().getFullMethodName(), m)));
    return all.build();
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
    calls.streamList("StreamPodSandboxes", caller, () -> sandboxes.list(list));
  }

  private void streamContainers(StreamContainersRequest request, StreamObserver<Encoded> caller) {
    var list = ListContainersRequest.newBuilder().setFilter(request.getFilter()).build();
    calls.streamList("StreamContainers", caller, () -> containers.list(list));
  }

  private static <Q> ServerMethodDefinition<Q, Encoded> unary(
      MethodDescriptor<Q, ?> generated, ServerCalls.UnaryMethod<Q, Encoded> handler) {
    return ServerMethodDefinition.create(encoded(generated), ServerCalls.asyncUnaryCall(handler));
  }

  private static <Q> ServerMethodDefinition<Q, Encoded> streaming(
      MethodDescriptor<Q, ?> generated, ServerCalls.ServerStreamingMethod<Q, Encoded> handler) {
    return ServerMethodDefinition.create(
        encoded(generated), ServerCalls.asyncServerStreamingCall(handler));
  }

  private static <Q> MethodDescriptor<Q, Encoded> encoded(MethodDescriptor<Q, ?> generated) {
    return generated.toBuilder(generated.getRequestMarshaller(), new EncodedMarshaller()).build();
  }
}
