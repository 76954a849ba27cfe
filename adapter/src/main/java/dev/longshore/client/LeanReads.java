package dev.longshore.client;

import com.google.protobuf.MessageLite;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ListContainerStatsRequest;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/**
 * The reads that a kubelet makes all the time, whose answers are received in full but not decoded:
 * what they take is the time of server and socket, not of this client. Each returns the size of the
 * answer in bytes, and throws {@link dev.longshore.common.CriException} as {@link CriClient} does.
 * Thread-safe.
 */
public final class LeanReads {
  private static final long LIMIT_SECONDS = 120; // The kubelet's own bound.

  private static final MethodDescriptor<ListPodSandboxRequest, Integer> LIST_POD_SANDBOX =
      sized(RuntimeServiceGrpc.getListPodSandboxMethod());
  private static final MethodDescriptor<ListContainersRequest, Integer> LIST_CONTAINERS =
      sized(RuntimeServiceGrpc.getListContainersMethod());
  private static final MethodDescriptor<PodSandboxStatusRequest, Integer> POD_SANDBOX_STATUS =
      sized(RuntimeServiceGrpc.getPodSandboxStatusMethod());
  private static final MethodDescriptor<ContainerStatusRequest, Integer> CONTAINER_STATUS =
      sized(RuntimeServiceGrpc.getContainerStatusMethod());
  private static final MethodDescriptor<ListContainerStatsRequest, Integer> LIST_CONTAINER_STATS =
      sized(RuntimeServiceGrpc.getListContainerStatsMethod());

  private final Channel channel;

  LeanReads(Channel channel) {
    this.channel = channel;
  }

  public int listPodSandbox() {
    return call(LIST_POD_SANDBOX, ListPodSandboxRequest.getDefaultInstance());
  }

  public int listContainers() {
    return call(LIST_CONTAINERS, ListContainersRequest.getDefaultInstance());
  }

  public int podSandboxStatus(String id) {
    return call(
        POD_SANDBOX_STATUS, PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
  }

  public int containerStatus(String id) {
    return call(CONTAINER_STATUS, ContainerStatusRequest.newBuilder().setContainerId(id).build());
  }

  public int listContainerStats() {
    return call(LIST_CONTAINER_STATS, ListContainerStatsRequest.getDefaultInstance());
  }

  private <Q> int call(MethodDescriptor<Q, Integer> method, Q request) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS);
    return CriClient.translated(
        () -> ClientCalls.blockingUnaryCall(channel, method, options, request));
  }

  private static <Q extends MessageLite> MethodDescriptor<Q, Integer> sized(
      MethodDescriptor<Q, ?> method) {
    return method.toBuilder(method.getRequestMarshaller(), new Size()).build();
  }

  /** Takes the length of an answer for the answer. */
  private static final class Size implements Marshaller<Integer> {
    @Override
    public InputStream stream(Integer size) {
      throw new UnsupportedOperationException("a client receives answers");
    }

    @Override
    public Integer parse(InputStream answer) {
      try {
        return answer instanceof KnownLength ? answer.available() : answer.readAllBytes().length;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
