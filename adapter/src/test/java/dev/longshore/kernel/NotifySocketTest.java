package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifySocketTest {
  @TempDir private Path folder;

  @Test
  void messagesArriveWhole() throws Exception {
    Path path = folder.resolve("notify");
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      Channel manager = listen(path, received, loop);
      NotifySocket socket = new NotifySocket(path.toString());
      socket.send("READY=1\nSTATUS=über alles bereit");
      socket.send("STOPPING=1");
      assertThat(received.poll(10, TimeUnit.SECONDS))
          .isEqualTo("READY=1\nSTATUS=über alles bereit");
      assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo("STOPPING=1");
      manager.close().sync();
    } finally {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  @Test
  void whereNobodyListensTheReasonIsTold() {
    NotifySocket socket = new NotifySocket(folder.resolve("nobody").toString());
    assertThatThrownBy(() -> socket.send("READY=1"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("errno 2");
  }

  @Test
  void aNameThatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> new NotifySocket("/" + "x".repeat(107)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Channel listen(Path path, BlockingQueue<String> received, EventLoopGroup loop)
      throws InterruptedException {
    return new Bootstrap()
        .group(loop)
        .channel(EpollDomainDatagramChannel.class)
        .handler(
            new SimpleChannelInboundHandler<DomainDatagramPacket>() {
              @Override
              protected void channelRead0(
                  ChannelHandlerContext context, DomainDatagramPacket packet) {
                received.add(packet.content().toString(StandardCharsets.UTF_8));
              }
            })
        .bind(new DomainSocketAddress(path.toString()))
        .sync()
        .channel();
  }
}
