package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Cuts clients whose SPDY control frames are longer than any honest one, before anything is
 * inflated: compressed headers grow a thousandfold, on the event loop that all share. Looks at
 * frame headers only and keeps nothing else.
 */
final class FrameGuard extends ChannelInboundHandlerAdapter {
  private static final int HEADER = 8;
  private static final int LARGEST_CONTROL = 32 * 1024;

  private int headerBytes;
  private boolean control;
  private int length;
  private int skip;
  private boolean cut;

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes && (cut || !passes(bytes))) {
      bytes.release();
      cut = true;
      var _ = context.close();
      return;
    }
    context.fireChannelRead(message);
  }

  private boolean passes(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (skip > 0) {
        int step = Math.min(skip, end - at);
        skip -= step;
        at += step;
      } else if (!header(bytes.getByte(at++))) {
        return false;
      }
    }
    return true;
  }

  /** The first bit says control frame; the last three bytes are the length of what follows. */
  private boolean header(byte next) {
    if (headerBytes == 0) {
      control = next < 0;
      length = 0;
    } else if (headerBytes > 4) {
      length = length << 8 | (next & 0xff);
    }
    if (++headerBytes == HEADER) {
      headerBytes = 0;
      skip = length;
      return !control || length <= LARGEST_CONTROL;
    }
    return true;
  }
}
