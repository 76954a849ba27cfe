package dev.longshore.client;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ImageServiceGrpc;
import dev.longshore.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.longshore.cri.v1.RuntimeServiceGrpc;
import dev.longshore.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A connection to a CRI server. Thread-safe. Every call throws {@link CriException} with the kind
 * that belongs to the status and the server's own sentence.
 */
public final class CriClient implements AutoCloseable {
  // What the kubelet allows.
  private static final int LARGEST_MESSAGE = 16 << 20;

  private final EventLoopGroup loop;
  private final ManagedChannel channel;

  private CriClient(EventLoopGroup loop, ManagedChannel channel) {
    this.loop = loop;
    this.channel = channel;
  }

  /** A client of the server on that socket; connects with the first call. */
  public static CriClient of(Path socket) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .directExecutor()
            .usePlaintext()
            // gRPC sets it, Unix sockets have none, and Netty warns.
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .maxInboundMessageSize(LARGEST_MESSAGE)
            .build();
    return new CriClient(loop, channel);
  }

  /** Makes a call of the RuntimeService. */
  public <R> R runtime(Duration limit, Function<RuntimeServiceBlockingStub, R> call) {
    RuntimeServiceBlockingStub stub = RuntimeServiceGrpc.newBlockingStub(channel);
    return translated(() -> call.apply(stub.withDeadlineAfter(limit)));
  }

  /** Makes a call of the ImageService. */
  public <R> R images(Duration limit, Function<ImageServiceBlockingStub, R> call) {
    ImageServiceBlockingStub stub = ImageServiceGrpc.newBlockingStub(channel);
    return translated(() -> call.apply(stub.withDeadlineAfter(limit)));
  }

  /** Reads over the same connection. */
  public LeanReads leanReads() {
    return new LeanReads(channel, loop);
  }

  /** Asks the gRPC health service; an empty name asks for the server as a whole. */
  public boolean serving(Duration limit, String service) {
    HealthGrpc.HealthBlockingStub stub = HealthGrpc.newBlockingStub(channel);
    HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
    return translated(() -> stub.withDeadlineAfter(limit).check(request).getStatus())
        == ServingStatus.SERVING;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  static <R> R translated(Supplier<R> call) {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      throw failure(e);
    }
  }

  static CriException failure(StatusRuntimeException refusal) {
    Status status = refusal.getStatus();
    String sentence = status.getDescription() == null ? "no reason given" : status.getDescription();
    return new CriException(kind(status.getCode()), sentence, refusal);
  }

  private static Kind kind(Status.Code code) {
    return switch (code) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> Kind.INVALID;
      case NOT_FOUND -> Kind.NOT_FOUND;
      case ALREADY_EXISTS -> Kind.ALREADY_EXISTS;
      case FAILED_PRECONDITION -> Kind.NOT_READY;
      case RESOURCE_EXHAUSTED -> Kind.EXHAUSTED;
      case UNAVAILABLE -> Kind.UNAVAILABLE;
      case DEADLINE_EXCEEDED -> Kind.TIMED_OUT;
      case CANCELLED, ABORTED -> Kind.CANCELLED;
      case UNIMPLEMENTED -> Kind.UNSUPPORTED;
      case OK, UNKNOWN, INTERNAL, DATA_LOSS, PERMISSION_DENIED, UNAUTHENTICATED -> Kind.INTERNAL;
    };
  }
}
