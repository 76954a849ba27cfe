package dev.longshore.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port-forward over the channels of a WebSocket: one connection for each port asked for, the i-th
 * with channel 2i for data and 2i+1 for an error. Each channel begins with the port, two bytes,
 * little endian, as the kubelet's own server does.
 */
final class ForwardChannels {
  /** The channel is one byte, in one of the protocols a character. */
  static final int MOST_PORTS = 64;

  private static final Logger log = LoggerFactory.getLogger(ForwardChannels.class);

  private final ClientConnection client;
  private final WebSocketChannels channels;
  private final Forward forward;
  private final AtomicInteger open = new AtomicInteger();

  ForwardChannels(ClientConnection client, WebSocketChannels channels, Forward forward) {
    this.client = client;
    this.channels = channels;
    this.forward = forward;
  }

  /** On the event loop, before the first message is read. */
  void start(ExecutorService threads, Target.PortForward target) {
    List<Integer> ports = target.ports();
    open.set(ports.size());
    for (int i = 0; i < ports.size(); i++) {
      int port = ports.get(i);
      ClientStream data = channels.both(2 * i);
      ClientStream error = channels.output(2 * i + 1);
      var _ = client.start(threads, () -> run(target, port, data, error));
    }
  }

  private void run(Target.PortForward target, int port, ClientStream data, ClientStream error) {
    try {
      data.write(name(port));
      error.write(name(port));
      forward.run(target, port, data, error);
      if (open.decrementAndGet() == 0) {
        client.finish(new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE));
      }
    } catch (IOException | InterruptedException e) {
      log.debug("a forwarded connection ended early", e);
    }
  }

  private static ByteBuf name(int port) {
    return Unpooled.buffer(2, 2).writeShortLE(port);
  }
}
