package dev.longshore.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Keeps a socket unread while {@link Intake} says so. Netty's decoders ask for more whenever a read
 * gave them no whole message, and its SPDY codec after every read, whoever has stopped reading.
 * Next to the socket.
 */
final class ReadGate extends ChannelOutboundHandlerAdapter {
  @Override
  public void read(ChannelHandlerContext context) {
    if (context.channel().config().isAutoRead()) {
      context.read();
    }
  }
}
