package dev.longshore.metrics.http;

import dev.longshore.http.HttpListener;
import dev.longshore.http.HttpListener.Purpose;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Serves pages by HTTP, on an event loop that others use too. Everything of a client is bounded:
 * connections, sizes, pages at a time, and how long it may be silent or slow. Thread-safe.
 */
public final class MetricsServer implements AutoCloseable {
  /** Pages that are written at a time; who asks for one more is told to come again. */
  public static final int MOST_PAGES = 4;

  private static final Purpose PURPOSE = new Purpose("metrics", "--metrics-bind-addr", 32);
  private static final int LONGEST_LINE = 4 * 1024;
  private static final int LARGEST_HEAD = 16 * 1024;
  private static final int LARGEST_BODY = 1024;
  // Longer than the usual pause between two scrapes.
  private static final Duration IDLE = Duration.ofMinutes(2);

  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("page-", 0).factory());
  private final Semaphore permits = new Semaphore(MOST_PAGES);
  private final Map<String, Page> pages;
  private final HttpListener listener;

  private MetricsServer(InetSocketAddress address, EventLoopGroup loop, Map<String, Page> pages) {
    this.pages = Map.copyOf(pages);
    listener = HttpListener.open(address, loop, PURPOSE, this::serve);
  }

  /**
   * Serves.
   *
   * @param loop of the caller, who closes it after this
   * @param pages by path, such as {@code /metrics}
   * @throws dev.longshore.common.CriException NOT_READY naming the address when it cannot be served
   */
  public static MetricsServer start(
      InetSocketAddress address, EventLoopGroup loop, Map<String, Page> pages) {
    return new MetricsServer(address, loop, pages);
  }

  private void serve(Channel channel) {
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
    return listener.address();
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
    listener.close();
    threads.shutdownNow();
  }
}
