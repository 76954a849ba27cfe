package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.docker.DockerEngine;
import dev.longshore.http.HttpListener;
import dev.longshore.http.HttpListener.Purpose;
import dev.longshore.kernel.NetNamespaceSockets;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.metrics.Source;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server that clients of exec, attach and port-forward come to, on loopback. One event
 * loop moves frames, for all clients; each client has virtual threads of its own.
 */
public final class StreamingServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamingServer.class);
  private static final Purpose PURPOSE = new Purpose("streams", "--streaming-bind-addr", 2000);
  private static final int LONGEST_LINE = 4 * 1024;
  private static final int LARGEST_HEAD = 32 * 1024;
  private static final int LARGEST_BODY = 8 * 1024;
  private static final int LOW_WATER = 64 * 1024;
  private static final int HIGH_WATER = 256 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration CUT = Duration.ofSeconds(5);

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("stream-", 0).factory());
  private final NetNamespaceSockets sockets;
  private final Optional<SslContext> tls;
  private final StreamFigures figures = new StreamFigures(this::clients);
  private final Tokens tokens = new Tokens(Tokens.LIFE);
  private final Upgrades upgrades;
  private final HttpListener listener;
  private final StreamUrls urls;

  private StreamingServer(
      StreamingOptions options,
      Optional<SslContext> tls,
      DockerEngine engine,
      ExecProcesses processes,
      NetNamespaceSockets sockets) {
    this.sockets = sockets;
    this.tls = tls;
    ByteBufAllocator buffers = ByteBufAllocator.DEFAULT;
    upgrades =
        new Upgrades(
            threads,
            new TerminalSession(engine, processes, buffers),
            new Forward(sockets, buffers),
            options.idle());
    listener = listen(options.address());
    urls = new StreamUrls(tls.isPresent() ? "https" : "http", listener.address(), tokens);
  }

  /**
   * Serves.
   *
   * @throws CriException NOT_READY naming the address when it cannot be served, or the files of a
   *     certificate that cannot be used
   */
  public static StreamingServer start(
      StreamingOptions options,
      DockerEngine engine,
      Processes processes,
      Signals signals,
      NetNamespaceSockets sockets) {
    return new StreamingServer(
        options,
        options.certificate().map(Tls::server),
        engine,
        new ExecProcesses(engine, processes, signals::send, options.killAbandoned()),
        sockets);
  }

  private HttpListener listen(InetSocketAddress address) {
    try {
      return HttpListener.open(address, loop, PURPOSE, this::serve);
    } catch (CriException e) {
      var _ = loop.shutdownGracefully(0, CUT.toMillis(), TimeUnit.MILLISECONDS);
      throw e;
    }
  }

  private void serve(Channel channel) {
    boolean _ = channel.config().setOption(ChannelOption.TCP_NODELAY, true);
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(LOW_WATER, HIGH_WATER));
    tls.ifPresent(ssl -> channel.pipeline().addLast(ssl.newHandler(channel.alloc())));
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(LONGEST_LINE, LARGEST_HEAD, LARGEST_BODY),
            new HttpObjectAggregator(LARGEST_BODY),
            new Front(tokens, upgrades, figures, PATIENCE));
  }

  /** For the RPCs that prepare streams. */
  public StreamUrls urls() {
    return urls;
  }

  /** Clients, as metrics. */
  public Source figures() {
    return figures;
  }

  /** The event loop, for another server of few bytes; ends with this one. */
  public EventLoopGroup loop() {
    return loop;
  }

  private int clients() {
    return listener.clients();
  }

  /** Where clients are served. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** Cuts all clients; what was started for them is ended before this returns, within bounds. */
  @Override
  public void close() {
    listener.close();
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CUT.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
        log.warn("a stream's work goes on after {} s: leaving it behind", CUT.toSeconds());
      }
    } catch (InterruptedException e) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
    sockets.close();
    var _ =
        loop.shutdownGracefully(0, CUT.toMillis(), TimeUnit.MILLISECONDS)
            .awaitUninterruptibly(CUT.toMillis());
  }
}
