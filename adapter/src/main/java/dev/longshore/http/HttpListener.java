package dev.longshore.http;

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
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP address on which a bounded number of clients is served. Thread-safe. */
public final class HttpListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpListener.class);
  private static final Duration CUT = Duration.ofSeconds(5);

  private final Purpose purpose;
  private final ChannelGroup clients;
  private final Channel listener;

  private HttpListener(
      InetSocketAddress address, EventLoopGroup loop, Purpose purpose, Consumer<Channel> newcomer) {
    this.purpose = purpose;
    clients = new DefaultChannelGroup(loop.next());
    listener = bind(address, loop, newcomer);
  }

  /**
   * Listens.
   *
   * @param loop of the caller, who closes it after this
   * @param newcomer gives a client's channel its handlers, on the event loop
   * @throws CriException NOT_READY naming the address when it cannot be served
   */
  public static HttpListener open(
      InetSocketAddress address, EventLoopGroup loop, Purpose purpose, Consumer<Channel> newcomer) {
    return new HttpListener(address, loop, purpose, newcomer);
  }

  private Channel bind(InetSocketAddress address, EventLoopGroup loop, Consumer<Channel> newcomer) {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop, loop)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel, newcomer);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot serve %s at %s: %s; another address can be given with %s"
              .formatted(
                  purpose.served(),
                  address,
                  bound.cause() == null ? "" : bound.cause().getMessage(),
                  purpose.flag()),
          bound.cause());
    }
    return bound.channel();
  }

  private void accept(Channel channel, Consumer<Channel> newcomer) {
    if (clients.size() >= purpose.mostClients()) {
      log.warn(
          "a client of {} was turned away: there are {} others",
          purpose.served(),
          purpose.mostClients());
      var _ = channel.close();
      return;
    }
    clients.add(channel);
    newcomer.accept(channel);
  }

  /** Where clients are served. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Connections now. */
  public int clients() {
    return clients.size();
  }

  /** Takes no more clients and cuts those there are; waits for a bounded time. */
  @Override
  public void close() {
    boolean _ = listener.close().awaitUninterruptibly(CUT.toMillis());
    boolean _ = clients.close().awaitUninterruptibly(CUT.toMillis());
  }

  /**
   * What is listened for.
   *
   * @param served in messages, such as "streams"
   * @param flag the setting of the address
   * @param mostClients connections at a time
   */
  public record Purpose(String served, String flag, int mostClients) {}
}
