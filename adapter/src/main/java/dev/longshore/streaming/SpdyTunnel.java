package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/** SPDY's bytes in the binary messages of a WebSocket, whatever their boundaries. */
final class SpdyTunnel extends ChannelDuplexHandler {
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    switch (message) {
      case BinaryWebSocketFrame data -> context.fireChannelRead(data.content());
      case ContinuationWebSocketFrame data -> context.fireChannelRead(data.content());
      case PingWebSocketFrame ping -> {
        var _ =
            context.writeAndFlush(new PongWebSocketFrame(ping.content()), context.voidPromise());
      }
      case CloseWebSocketFrame close -> {
        close.release();
        var _ = context.close();
      }
      default -> ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    var _ =
        context.write(
            message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message, promise);
  }
}
