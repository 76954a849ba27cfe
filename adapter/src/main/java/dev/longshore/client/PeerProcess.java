package dev.longshore.client;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Who is at the other end of a Unix socket. */
public final class PeerProcess {
  private PeerProcess() {}

  /**
   * The pid of the process that listens on the socket, by SO_PEERCRED.
   *
   * @throws CriException UNAVAILABLE when nobody listens
   */
  public static int of(Path socket) {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      EpollDomainSocketChannel channel =
          (EpollDomainSocketChannel)
              new Bootstrap()
                  .group(loop)
                  .channel(EpollDomainSocketChannel.class)
                  .handler(new ChannelInboundHandlerAdapter())
                  .connect(new DomainSocketAddress(socket.toString()))
                  .syncUninterruptibly()
                  .channel();
      int pid = channel.peerCredentials().pid();
      channel.close().syncUninterruptibly();
      return pid;
    } catch (Exception e) { // Netty throws what the signature does not say.
      throw new CriException(
          Kind.UNAVAILABLE, "nobody serves at %s: %s".formatted(socket, reason(e)), e);
    } finally {
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static String reason(Exception e) {
    return e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString();
  }
}
