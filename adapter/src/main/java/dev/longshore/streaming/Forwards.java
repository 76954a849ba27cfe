package dev.longshore.streaming;

import io.netty.handler.codec.spdy.SpdyStreamStatus;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one port-forward client: each is a pair of streams, one for data and one for
 * an error, that carry the same request id. On the event loop only.
 */
final class Forwards {
  private static final Logger log = LoggerFactory.getLogger(Forwards.class);
  private static final int PAIR_SECONDS = 30;
  private static final int MOST_HALVES = 1000;

  private final ClientConnection client;
  private final ExecutorService threads;
  private final Forward forward;
  private final Target.PortForward target;
  private final Map<String, SpdyStream> halves = new HashMap<>();

  Forwards(
      ClientConnection client,
      ExecutorService threads,
      Forward forward,
      Target.PortForward target) {
    this.client = client;
    this.threads = threads;
    this.forward = forward;
    this.target = target;
  }

  void add(SpdyStream stream) {
    String kind = stream.header("streamtype");
    int port = port(stream.header("port"));
    if ((!kind.equals("data") && !kind.equals("error")) || port == 0) {
      stream.reset(SpdyStreamStatus.REFUSED_STREAM);
      return;
    }
    String id = requestId(stream, kind);
    SpdyStream other = halves.remove(id);
    if (other == null) {
      await(id, stream);
    } else if (other.header("streamtype").equals(kind)) {
      other.reset(SpdyStreamStatus.REFUSED_STREAM);
      await(id, stream);
    } else {
      start(port, kind.equals("data") ? stream : other, kind.equals("data") ? other : stream);
    }
  }

  /** Old clients send none, and open the error stream just before that for data. */
  private static String requestId(SpdyStream stream, String kind) {
    String given = stream.header("requestid");
    if (!given.isEmpty()) {
      return given;
    }
    return "stream " + (kind.equals("error") ? stream.id() : stream.id() - 2);
  }

  private void await(String id, SpdyStream half) {
    if (halves.size() >= MOST_HALVES) {
      half.reset(SpdyStreamStatus.REFUSED_STREAM);
      return;
    }
    halves.put(id, half);
    var _ =
        client
            .channel()
            .eventLoop()
            .schedule(
                () -> {
                  if (halves.remove(id, half)) {
                    half.reset(SpdyStreamStatus.CANCEL);
                  }
                },
                PAIR_SECONDS,
                TimeUnit.SECONDS);
  }

  private void start(int port, SpdyStream data, SpdyStream error) {
    error.input().discard();
    Future<?> work =
        client.start(
            threads,
            () -> {
              try {
                forward.run(target, port, data, error);
              } catch (IOException | InterruptedException e) {
                log.debug("a forwarded connection ended early", e);
              }
            });
    data.onReset(() -> work.cancel(true));
  }

  /** 0 for what is no port. */
  static int port(String text) {
    return text.matches("[1-9]\\d{0,4}") && Integer.parseInt(text) <= 0xffff
        ? Integer.parseInt(text)
        : 0;
  }
}
