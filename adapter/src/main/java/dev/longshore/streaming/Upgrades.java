package dev.longshore.streaming;

import dev.longshore.streaming.Target.Streams;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns an HTTP connection into streams, and starts what they are for. On the event loop. */
final class Upgrades {
  private static final Logger log = LoggerFactory.getLogger(Upgrades.class);
  private static final int LARGEST_MESSAGE = 1 << 20;
  private static final int DATA_CHUNK = 64 * 1024;
  private static final int LARGEST_HEADERS = 16 * 1024;
  private static final int COMPRESSION = 1;
  private static final int WINDOW_BITS = 12;
  private static final int MEMORY_LEVEL = 4;

  private final ExecutorService threads;
  private final TerminalSession terminals;
  private final Forward forward;
  private final Duration idle;

  Upgrades(ExecutorService threads, TerminalSession terminals, Forward forward, Duration idle) {
    this.threads = threads;
    this.terminals = terminals;
    this.forward = forward;
    this.idle = idle;
  }

  /** After the answer was written; {@code protocol} is one of those known for the target. */
  void spdy(ChannelPipeline pipeline, Target target, String protocol) {
    addSpdy(pipeline, target, protocol);
    pipeline.remove(Front.class);
    pipeline.remove(HttpObjectAggregator.class);
    // Last, as it hands on what it has read already.
    pipeline.remove(HttpServerCodec.class);
  }

  /** SPDY in the messages of a WebSocket. */
  void tunnel(Channel channel, FullHttpRequest request, Target.PortForward target) {
    shakeHands(
        channel,
        request,
        WebSocketProtocol.TUNNEL,
        pipeline -> {
          pipeline.addLast(new SpdyTunnel());
          addSpdy(pipeline, target, SpdyProtocol.PORT_FORWARD);
        });
  }

  /** The channels of an exec or attach over WebSocket. */
  void channels(
      Channel channel,
      FullHttpRequest request,
      Target.Terminal target,
      WebSocketProtocol protocol) {
    Streams asked = target.streams();
    openChannels(
        channel,
        request,
        protocol,
        (client, channels) -> {
          TerminalStreams streams = channels.terminal(asked);
          return () -> {
            channels.greet(asked);
            startTerminal(
                client,
                target,
                () -> streams,
                () -> new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
          };
        });
  }

  /** The channels of a port-forward over WebSocket; the target names its ports. */
  void channels(
      Channel channel,
      FullHttpRequest request,
      Target.PortForward target,
      WebSocketProtocol protocol) {
    openChannels(
        channel,
        request,
        protocol,
        (client, channels) ->
            () -> new ForwardChannels(client, channels, forward).start(threads, target));
  }

  /** {@code prepare} is called before the handshake, and what it returns after it. */
  private void openChannels(
      Channel channel,
      FullHttpRequest request,
      WebSocketProtocol protocol,
      BiFunction<ClientConnection, WebSocketChannels, Runnable> prepare) {
    ClientConnection client = new ClientConnection(channel, idle, PingWebSocketFrame::new);
    WebSocketChannels channels = new WebSocketChannels(client, protocol);
    Runnable begin = prepare.apply(client, channels);
    shakeHands(
        channel,
        request,
        protocol.text(),
        pipeline -> {
          pipeline.addFirst(new ReadGate());
          pipeline.addLast(new WebSocketFrameAggregator(LARGEST_MESSAGE), channels, client);
          begin.run();
        });
  }

  private static void shakeHands(
      Channel channel,
      FullHttpRequest request,
      String protocol,
      Consumer<ChannelPipeline> upgraded) {
    WebSocketServerHandshaker handshaker =
        new WebSocketServerHandshaker13(
            "",
            protocol.isEmpty() ? null : protocol,
            WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(LARGEST_MESSAGE)
                .allowExtensions(false)
                .withUTF8Validator(false)
                .build());
    var _ =
        handshaker
            .handshake(channel, request)
            .addListener(
                (ChannelFutureListener)
                    done -> {
                      if (done.isSuccess()) {
                        channel.pipeline().remove(Front.class);
                        upgraded.accept(channel.pipeline());
                      } else {
                        log.debug("a WebSocket handshake failed", done.cause());
                        var _ = channel.close();
                      }
                    });
  }

  private void addSpdy(ChannelPipeline pipeline, Target target, String protocol) {
    AtomicInteger pings = new AtomicInteger();
    ClientConnection client =
        new ClientConnection(
            pipeline.channel(),
            idle,
            () -> new DefaultSpdyPingFrame(pings.addAndGet(2) & Integer.MAX_VALUE));
    pipeline.addFirst(new ReadGate());
    Consumer<SpdyStream> onStream = listener(client, target, protocol);
    pipeline.addLast(
        new FrameGuard(),
        new SpdyFrameCodec(
            SpdyVersion.SPDY_3_1,
            DATA_CHUNK,
            LARGEST_HEADERS,
            COMPRESSION,
            WINDOW_BITS,
            MEMORY_LEVEL),
        new SpdyStreams(client, onStream),
        client);
  }

  private Consumer<SpdyStream> listener(ClientConnection client, Target target, String protocol) {
    return switch (target) {
      case Target.Terminal terminal -> {
        SpdyProtocol version = SpdyProtocol.choose(List.of(protocol)).orElseThrow();
        StreamGathering streams = new StreamGathering(terminal.streams(), version);
        startTerminal(
            client,
            terminal,
            streams::await,
            () -> new DefaultSpdyGoAwayFrame(0, SpdySessionStatus.OK));
        yield streams::add;
      }
      case Target.PortForward pod -> new Forwards(client, threads, forward, pod)::add;
    };
  }

  private void startTerminal(
      ClientConnection client, Target.Terminal target, Gathering streams, Supplier<Object> last) {
    var _ =
        client.start(
            threads,
            () -> {
              try {
                terminals.run(target, streams.await());
                client.finish(last.get());
              } catch (IOException | InterruptedException e) {
                log.debug("{} in {} ended early", target.route(), target.title(), e);
                var _ = client.channel().close();
              }
            });
  }

  /** Waits for a client's streams. */
  @FunctionalInterface
  private interface Gathering {
    TerminalStreams await() throws IOException, InterruptedException;
  }
}
