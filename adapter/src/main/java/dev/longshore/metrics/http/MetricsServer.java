package dev.longshore.metrics.http;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pages by HTTP, on an event loop that others use too. Everything of a client is bounded:
 * connections, sizes, pages at a time, and how long it may be silent or slow. Thread-safe.
 */
public final class MetricsServer implements AutoCloseable {
  /** Pages that are written at a time; who asks for one more is told to come again. */
  public static final int MOST_PAGES = 4;

  private static final Logger log = LoggerFactory.getLogger(MetricsServer.class);
  private static final int MOST_CLIENTS = 32;
  private static final int LONGEST_LINE = 4 * 1024;
  private static final int LARGEST_HEAD = 16 * 1024;
  private static final int LARGEST_BODY = 1024;
  // Longer than the usual pause between two scrapes.
  private static final Duration IDLE = Duration.ofMinutes(2);
  private static final Duration CUT = Duration.ofSeconds(2);

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("page-", 0).factory());
  private final Semaphore permits = new Semaphore(MOST_PAGES);
  private final Map<String, Page> pages;
  private final ChannelGroup clients;
  private final Channel listener;

  private MetricsServer(InetSocketAddress address, EventLoopGroup loop, Map<String, Page> pages) {
    this.pages = Map.copyOf(pages);
    clients = new DefaultChannelGroup(loop.next());
    listener = bind(address, loop);
  }

  /**
   * Serves.
   *
   * @param loop of the caller, who closes it after this
   * @param pages by path, such as {@code /metrics}
   * @throws CriException NOT_READY naming the address when it cannot be served
   */
  public static MetricsServer start(
      InetSocketAddress address, EventLoopGroup loop, Map<String, Page> pages) {
    return new MetricsServer(address, loop, pages);
  }

  private Channel bind(InetSocketAddress address, EventLoopGroup loop) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop, loop)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot serve metrics at %s: %s; another address can be given with --metrics-bind-addr"
              .formatted(address, bound.cause() == null ? "" : bound.cause().getMessage()),
          bound.cause());
    }
    return bound.channel();
  }

  private void accept(Channel channel) {
    if (clients.size() >= MOST_CLIENTS) {
      log.debug("a client of metrics was turned away: there are {} others", MOST_CLIENTS);
      var _ = channel.close();
      return;
    }
    clients.add(channel);
    channel
        .pipeline()
        .addLast(
            new IdleStateHandler(0, 0, (int) IDLE.toSeconds()),
            new HttpServerCodec(LONGEST_LINE, LARGEST_HEAD, LARGEST_BODY),
            new HttpObjectAggregator(LARGEST_BODY),
            new PageHandler(pages, threads, permits));
  }

  /** Where pages are served. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** The page of metrics. */
  public String url() {
    String host = address().getAddress().getHostAddress();
    return "http://%s:%d/metrics"
        .formatted(host.contains(":") ? "[" + host + "]" : host, address().getPort());
  }

  /** Cuts all clients. */
  @Override
  public void close() {
    boolean _ = listener.close().awaitUninterruptibly(CUT.toMillis());
    boolean _ = clients.close().awaitUninterruptibly(CUT.toMillis());
    threads.shutdownNow();
  }
}
