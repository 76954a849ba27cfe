package dev.longshore.rpc;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Trace;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC server on its Unix socket. One event loop moves bytes and answers what is answered from
 * memory; every other call runs on a virtual thread of its own.
 */
public final class RpcServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RpcServer.class);
  // What the kubelet and containerd allow; gRPC's own limit is 4 MiB.
  private static final int LARGEST_MESSAGE = 16 << 20;
  private static final Duration GRACE = Duration.ofSeconds(10);
  private static final Duration CUT = Duration.ofSeconds(2);
  private static final Duration KEEPALIVE = Duration.ofSeconds(10);

  private final ServedSocket socket;
  private final HealthEndpoint health;
  private final EventLoopGroup loop;
  private final ExecutorService handlers;
  private final Server server;
  private final Duration grace;

  private RpcServer(
      ServedSocket socket,
      HealthEndpoint health,
      EventLoopGroup loop,
      ExecutorService handlers,
      Server server,
      Duration grace) {
    this.socket = socket;
    this.health = health;
    this.loop = loop;
    this.handlers = handlers;
    this.server = server;
    this.grace = grace;
  }

  /**
   * Makes a server of both CRI services and the gRPC health service. {@link #serve} opens the
   * socket, which the caller closes after the server.
   *
   * @param ready whether calls can be answered, for the health service; must not wait
   * @throws CriException NOT_READY naming the path when it cannot be served
   */
  public static RpcServer of(
      ServedSocket socket, RuntimeService runtime, ImageEndpoint images, BooleanSupplier ready) {
    return of(socket, List.of(runtime, images), ready, GRACE);
  }

  /**
   * As the other, with any services; {@code grace} bounds how long {@link #close} lets calls run.
   */
  static RpcServer of(
      ServedSocket socket, List<BindableService> services, BooleanSupplier ready, Duration grace) {
    if (!Epoll.isAvailable()) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot serve socket %s: Netty's epoll library does not load here"
              .formatted(socket.path()),
          Epoll.unavailabilityCause());
    }
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ExecutorService handlers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 0).factory());
    HealthEndpoint health = new HealthEndpoint(ready, names(services));
    Server server = build(socket, services, health, loop, handlers);
    return new RpcServer(socket, health, loop, handlers, server, grace);
  }

  /**
   * Opens the socket and answers from now on.
   *
   * @return this server
   * @throws CriException NOT_READY naming the path when it cannot be served; the server is closed
   */
  public RpcServer serve() {
    try {
      server.start();
      socket.bound();
      return this;
    } catch (IOException e) {
      close();
      throw new CriException(
          Kind.NOT_READY, "cannot serve socket %s: %s".formatted(socket.path(), e), e);
    }
  }

  private static Server build(
      ServedSocket socket,
      List<BindableService> services,
      HealthEndpoint health,
      EventLoopGroup loop,
      ExecutorService handlers) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.path().toString()))
            .channelFactory(socket.channels())
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .executor(Runnable::run)
            .callExecutor(new CallThreads(handlers))
            .maxInboundMessageSize(LARGEST_MESSAGE)
            // gRPC sets it, Unix sockets have none, and Netty warns with every connection.
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .permitKeepAliveWithoutCalls(true)
            .permitKeepAliveTime(KEEPALIVE.toSeconds(), TimeUnit.SECONDS)
            .addService(health);
    services.forEach(builder::addService);
    if (Trace.isOn()) {
      builder.intercept(new TraceParents());
    }
    return builder.build();
  }

  private static Set<String> names(List<BindableService> services) {
    return services.stream()
        .map(service -> service.bindService().getServiceDescriptor().getName())
        .collect(Collectors.toSet());
  }

  /**
   * Stops taking calls, lets those under way finish for a bounded time, then interrupts them.
   * Returns when none runs; an interrupt cuts the waiting short.
   */
  @Override
  public void close() {
    health.stop();
    server.shutdown();
    if (!ends(server::awaitTermination, grace)) {
      log.warn("calls still run after {} s: cutting them", grace.toSeconds());
      server.shutdownNow();
      boolean _ = ends(server::awaitTermination, CUT);
    }
    handlers.shutdownNow();
    if (!ends(handlers::awaitTermination, CUT)) {
      log.warn("a call does not heed its interrupt: leaving it behind");
    }
    loop.shutdownGracefully(0, CUT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CUT.toMillis());
  }

  private static boolean ends(Wait wait, Duration time) {
    try {
      return wait.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** On which thread a call is handled: the event loop's, which asks, or one of its own. */
  private record CallThreads(Executor own) implements ServerCallExecutorSupplier {
    @Override
    public <Q, R> Executor getExecutor(ServerCall<Q, R> call, Metadata headers) {
      return RuntimeService.IMMEDIATE.contains(call.getMethodDescriptor().getFullMethodName())
          ? Runnable::run
          : own;
    }
  }

  /** Waits for an end; whether it came in time. */
  @FunctionalInterface
  private interface Wait {
    boolean await(long time, TimeUnit unit) throws InterruptedException;
  }
}
