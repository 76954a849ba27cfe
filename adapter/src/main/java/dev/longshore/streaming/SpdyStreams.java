package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The table of a SPDY client's streams. On the event loop only. Windows are neither kept nor sent:
 * the clients in use know none, and would wait for ever, or let us wait.
 */
final class SpdyStreams extends SimpleChannelInboundHandler<SpdyFrame> {
  /** Far more than a port-forward with hundreds of connections at once needs. */
  private static final int MOST = 4096;

  private final ClientConnection connection;
  private final Consumer<SpdyStream> onStream;
  private final Map<Integer, SpdyStream> streams = new HashMap<>();
  private int lastId;

  /** {@code onStream} hears of each stream, on the event loop, before its data. */
  SpdyStreams(ClientConnection connection, Consumer<SpdyStream> onStream) {
    this.connection = connection;
    this.onStream = onStream;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, SpdyFrame frame) {
    switch (frame) {
      case SpdyDataFrame data -> data(data);
      case SpdySynStreamFrame opening -> open(context, opening);
      case SpdyRstStreamFrame end -> {
        SpdyStream stream = streams.remove(end.streamId());
        if (stream != null) {
          stream.wasReset();
        }
      }
      case SpdyPingFrame ping -> {
        // The client's own have odd numbers; the others answer ours.
        if (ping.id() % 2 != 0) {
          var _ = connection.channel().writeAndFlush(new DefaultSpdyPingFrame(ping.id()));
        }
      }
      // Settings, windows, headers that follow, and the client's farewell ask for nothing.
      default -> {}
    }
  }

  private void open(ChannelHandlerContext context, SpdySynStreamFrame opening) {
    int id = opening.streamId();
    if (id <= lastId || id % 2 == 0 || opening.isInvalid()) {
      var _ = context.close();
      return;
    }
    lastId = id;
    SpdyStream stream = new SpdyStream(id, headers(opening), connection);
    if (opening.isTruncated()) {
      stream.reset(SpdyStreamStatus.FRAME_TOO_LARGE);
      return;
    }
    streams.values().removeIf(SpdyStreams::isOver);
    if (streams.size() >= MOST) {
      stream.reset(SpdyStreamStatus.REFUSED_STREAM);
      return;
    }
    streams.put(id, stream);
    // Netty leaves out a header block that is empty, for which Go's clients wait.
    DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
    reply.headers().set("status", "200");
    connection.sendNow(reply);
    onStream.accept(stream);
    if (opening.isLast()) {
      stream.input().end();
    }
  }

  private static Map<String, String> headers(SpdySynStreamFrame opening) {
    Map<String, String> headers = new HashMap<>();
    opening
        .headers()
        .forEach(
            header ->
                headers.put(
                    header.getKey().toString().toLowerCase(Locale.ROOT),
                    header.getValue().toString()));
    return headers;
  }

  private void data(SpdyDataFrame frame) {
    SpdyStream stream = streams.get(frame.streamId());
    if (stream == null) {
      return;
    }
    connection.used();
    ByteBuf content = frame.content();
    if (content.isReadable()) {
      stream.input().offer(content.retain());
    }
    if (frame.isLast()) {
      stream.input().end();
    }
  }

  private static boolean isOver(SpdyStream stream) {
    return stream.outputClosed() && stream.input().isEnded();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    streams.values().forEach(SpdyStream::wasReset);
    streams.clear();
    context.fireChannelInactive();
  }
}
