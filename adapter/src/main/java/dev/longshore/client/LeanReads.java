package dev.longshore.client;

import com.google.protobuf.MessageLite;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
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
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The reads that a kubelet makes all the time, whose answers are received in full but not decoded,
 * and timed on the connection's own thread: what they take is the time of server and socket, not of
 * this client. Each returns how many nanoseconds that was, and throws {@link CriException} as
 * {@link CriClient} does. Thread-safe.
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
  private final Executor connection;

  /** {@code connection} runs tasks on the one thread of the channel's connections. */
  LeanReads(Channel channel, Executor connection) {
    this.channel = channel;
    this.connection = connection;
  }

  public long listPodSandbox() {
    return call(LIST_POD_SANDBOX, ListPodSandboxRequest.getDefaultInstance());
  }

  public long listContainers() {
    return call(LIST_CONTAINERS, ListContainersRequest.getDefaultInstance());
  }

  public long podSandboxStatus(String id) {
    return call(
        POD_SANDBOX_STATUS, PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
  }

  public long containerStatus(String id) {
    return call(CONTAINER_STATUS, ContainerStatusRequest.newBuilder().setContainerId(id).build());
  }

  public long listContainerStats() {
    return call(LIST_CONTAINER_STATS, ListContainerStatsRequest.getDefaultInstance());
  }

  private <Q> long call(MethodDescriptor<Q, Integer> method, Q request) {
    CompletableFuture<Long> taken = new CompletableFuture<>();
    connection.execute(
        () ->
            ClientCalls.asyncUnaryCall(
                channel.newCall(method, CallOptions.DEFAULT), request, new Clock(taken)));
    try {
      return taken.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StatusRuntimeException refusal
          ? CriClient.failure(refusal)
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new CriException(
          Kind.TIMED_OUT,
          "no answer to %s within %d s".formatted(method.getBareMethodName(), LIMIT_SECONDS),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CriException(Kind.CANCELLED, "interrupted in " + method.getBareMethodName(), e);
    }
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

  /** From its making until the answer has ended. */
  private static final class Clock implements StreamObserver<Integer> {
    private final long began = System.nanoTime();
    private final CompletableFuture<Long> taken;

    private Clock(CompletableFuture<Long> taken) {
      this.taken = taken;
    }

    @Override
    public void onNext(Integer size) {
      // The answer ends with the same bytes.
    }

    @Override
    public void onError(Throwable failure) {
      boolean _ = taken.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      boolean _ = taken.complete(System.nanoTime() - began);
    }
  }
}
