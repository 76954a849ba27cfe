package dev.longshore.metrics.http;

import dev.longshore.metrics.http.Page.Answer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/**
 * One answer on its way: whole when it fits into a piece, else in chunks, each of which waits until
 * the one before is with the kernel. One thread, which may wait.
 */
final class Response extends OutputStream {
  private static final int PIECE = 16 * 1024;
  private static final Duration SLOWEST = Duration.ofSeconds(10);

  private final Channel channel;
  private final boolean head;
  private final boolean stays;
  private byte[] piece = new byte[PIECE];
  private int filled;
  private int status;
  private String contentType = "";
  private boolean begun;

  /** {@code head}: the client wants no content; {@code stays}: the connection may be used again. */
  Response(Channel channel, boolean head, boolean stays) {
    this.channel = channel;
    this.head = head;
    this.stays = stays;
  }

  /** Sends all but what {@link #end} sends. */
  void send(Answer answer) throws IOException {
    status = answer.status();
    contentType = answer.contentType();
    filled = 0;
    answer.body().writeTo(this);
  }

  /** Whether the client has seen a part already. */
  boolean begun() {
    return begun;
  }

  /** Sends the rest; the client may ask again from now on. */
  void end() throws IOException {
    ByteBuf rest = Unpooled.copiedBuffer(piece, 0, filled);
    ChannelFuture sent;
    if (begun) {
      sent = channel.writeAndFlush(new DefaultLastHttpContent(rest));
    } else {
      var whole =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(status),
              head ? Unpooled.EMPTY_BUFFER : rest);
      heads(whole);
      whole.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, rest.readableBytes());
      sent = channel.writeAndFlush(whole);
    }
    await(sent);
    if (!stays) {
      cut();
    }
  }

  void cut() {
    var _ = channel.close();
  }

  @Override
  public void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int end = offset + length;
    while (from < end) {
      if (filled == PIECE) {
        sendPiece();
      }
      int some = Math.min(end - from, PIECE - filled);
      System.arraycopy(bytes, from, piece, filled, some);
      filled += some;
      from += some;
    }
  }

  private void sendPiece() throws IOException {
    if (!begun) {
      begun = true;
      HttpResponse start =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
      heads(start);
      start.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      var _ = channel.write(start);
    }
    if (!head) {
      byte[] full = piece;
      piece = new byte[PIECE];
      await(channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(full))));
    }
    filled = 0;
  }

  private void heads(HttpResponse response) {
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
        .set("X-Content-Type-Options", "nosniff");
    if (!stays) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private static void await(ChannelFuture sent) throws IOException {
    try {
      if (!sent.await(SLOWEST.toMillis())) {
        throw new IOException("the client reads nothing for %d s".formatted(SLOWEST.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the server stops", e);
    }
    if (!sent.isSuccess()) {
      throw new IOException("the client is gone", sent.cause());
    }
  }
}
