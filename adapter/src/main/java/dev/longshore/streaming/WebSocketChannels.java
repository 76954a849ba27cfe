package dev.longshore.streaming;

import dev.longshore.streaming.Target.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The channels of a WebSocket client: the first byte of each message says which one it is for. On
 * the event loop, but for the writing.
 */
final class WebSocketChannels extends SimpleChannelInboundHandler<WebSocketFrame> {
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int ERROR = 3;
  private static final int RESIZE = 4;

  /** The channel that names, in its message, one that will send no more. */
  private static final int HALF_CLOSE = 255;

  private final ClientConnection connection;
  private final WebSocketProtocol protocol;
  private final Map<Integer, Inbox> inboxes = new HashMap<>();

  WebSocketChannels(ClientConnection connection, WebSocketProtocol protocol) {
    this.connection = connection;
    this.protocol = protocol;
  }

  /** The channels of an exec or attach; to be called before the first message. */
  TerminalStreams terminal(Streams asked) {
    return new TerminalStreams(
        asked.stdin() ? Optional.of(both(STDIN)) : Optional.empty(),
        asked.stdout() ? Optional.of(output(STDOUT)) : Optional.empty(),
        asked.stderr() ? Optional.of(output(STDERR)) : Optional.empty(),
        asked.tty() ? Optional.of(both(RESIZE)) : Optional.empty(),
        output(ERROR),
        protocol.jsonStatus());
  }

  /** A channel that the client sends on; to be called before the first message. */
  ClientStream both(int channel) {
    Stream stream = new Stream(channel);
    inboxes.put(channel, stream.input());
    return stream;
  }

  /** A channel that only the server sends on. */
  ClientStream output(int channel) {
    Stream stream = new Stream(channel);
    stream.input().discard();
    return stream;
  }

  /** An empty message tells the client that the other side is ready. */
  void greet(Streams asked) {
    int channel = asked.stdout() ? STDOUT : asked.stderr() ? STDERR : ERROR;
    connection.sendNow(message(channel, Unpooled.EMPTY_BUFFER));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
    switch (frame) {
      case PingWebSocketFrame ping -> {
        var _ =
            context.writeAndFlush(
                new PongWebSocketFrame(ping.content().retain()), context.voidPromise());
      }
      case CloseWebSocketFrame _ -> {
        var _ = context.close();
      }
      case BinaryWebSocketFrame data when !protocol.base64() -> {
        if (data.content().isReadable()) {
          int channel = data.content().readUnsignedByte();
          deliver(channel, data.content().retain());
        }
      }
      case TextWebSocketFrame data when protocol.base64() -> {
        if (data.content().isReadable()) {
          int channel = data.content().readUnsignedByte() - '0';
          deliver(channel, Base64.decode(data.content()));
        }
      }
      case BinaryWebSocketFrame _, TextWebSocketFrame _ ->
          throw new IllegalArgumentException("a message of the wrong kind for the protocol");
      default -> {}
    }
  }

  /** Owns the data. */
  private void deliver(int channel, ByteBuf data) {
    connection.used();
    if (channel == HALF_CLOSE && protocol.halfCloses()) {
      Inbox closing = data.isReadable() ? inboxes.get((int) data.readUnsignedByte()) : null;
      data.release();
      if (closing != null) {
        closing.end();
      }
      return;
    }
    Inbox inbox = inboxes.get(channel);
    if (inbox == null) {
      data.release();
    } else {
      inbox.offer(data);
    }
  }

  private WebSocketFrame message(int channel, ByteBuf data) {
    if (protocol.base64()) {
      ByteBuf digit = Unpooled.copiedBuffer(new byte[] {(byte) ('0' + channel)});
      ByteBuf encoded = Base64.encode(data, false);
      data.release();
      return new TextWebSocketFrame(Unpooled.wrappedBuffer(digit, encoded));
    }
    ByteBuf number = Unpooled.copiedBuffer(new byte[] {(byte) channel});
    return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(number, data));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    inboxes.values().forEach(Inbox::discard);
    context.fireChannelInactive();
  }

  private final class Stream implements ClientStream {
    private final int channel;
    private final Inbox input = new Inbox(connection.intake());

    Stream(int channel) {
      this.channel = channel;
    }

    @Override
    public Inbox input() {
      return input;
    }

    @Override
    public void write(ByteBuf data) throws IOException, InterruptedException {
      connection.send(message(channel, data));
    }

    /**
     * The protocol has no word for it; the end of the connection says so. Nor could the client end
     * its own side of a port-forward, so that both end here.
     */
    @Override
    public void closeOutput() {
      input.end();
    }
  }
}
