package dev.longshore.streaming;

import dev.longshore.streaming.Target.Streams;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Waits for the SPDY streams of an exec or attach, which the client opens one by one, each with its
 * kind in a header.
 */
final class StreamGathering {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Set<String> missing;
  private final boolean jsonStatus;
  private final Map<String, SpdyStream> found = new HashMap<>();
  private final CountDownLatch complete = new CountDownLatch(1);

  StreamGathering(Streams asked, SpdyProtocol protocol) {
    missing = new HashSet<>(Set.of("error"));
    if (asked.stdin()) {
      missing.add("stdin");
    }
    if (asked.stdout()) {
      missing.add("stdout");
    }
    if (asked.stderr()) {
      missing.add("stderr");
    }
    if (asked.tty() && protocol.resizes()) {
      missing.add("resize");
    }
    jsonStatus = protocol.jsonStatus();
  }

  /** On the event loop. */
  void add(SpdyStream stream) {
    String kind = stream.header("streamtype");
    if (!missing.remove(kind)) {
      stream.reset(SpdyStreamStatus.REFUSED_STREAM);
      return;
    }
    found.put(kind, stream);
    if (missing.isEmpty()) {
      complete.countDown();
    }
  }

  /**
   * Waits for the streams.
   *
   * @throws IOException when the client does not open them all in time
   */
  TerminalStreams await() throws IOException, InterruptedException {
    if (!complete.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(
          "the client did not open all its streams within %d s".formatted(PATIENCE.toSeconds()));
    }
    return new TerminalStreams(
        stream("stdin"),
        stream("stdout"),
        stream("stderr"),
        stream("resize"),
        stream("error").orElseThrow(),
        jsonStatus);
  }

  private Optional<ClientStream> stream(String kind) {
    return Optional.ofNullable(found.get(kind));
  }
}
