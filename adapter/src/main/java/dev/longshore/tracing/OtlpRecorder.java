package dev.longshore.tracing;

import dev.longshore.common.Trace;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Records calls and sends them to an OTLP receiver. A caller's sampling decision is followed; where
 * there is none, calls that change something are recorded. Thread-safe.
 */
public final class OtlpRecorder implements Trace.Recorder, AutoCloseable {
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final long NANOS = 1_000_000_000L;

  private final OtlpSender sender;

  private OtlpRecorder(OtlpSender sender) {
    this.sender = sender;
  }

  /**
   * Starts sending.
   *
   * @param endpoint base URL of the receiver's HTTP port, to which {@code /v1/traces} is added
   * @param version of Longshore
   */
  public static OtlpRecorder start(URI endpoint, String version) {
    return start(endpoint, version, PAUSE);
  }

  /** As the other; what has ended is sent after so long a pause at most. */
  static OtlpRecorder start(URI endpoint, String version, Duration pause) {
    return new OtlpRecorder(OtlpSender.start(endpoint, version, pause));
  }

  @Override
  public Optional<Trace.Span> call(String name, String traceparent, boolean important) {
    Optional<TraceParent> caller = TraceParent.parse(traceparent);
    if (!caller.map(TraceParent::sampled).orElse(important)) {
      return Optional.empty();
    }
    String trace = caller.map(TraceParent::traceId).orElseGet(() -> id(16));
    String parent = caller.map(TraceParent::spanId).orElse("");
    return Optional.of(new Running(trace, parent, name, Trace.Kind.SERVER));
  }

  /** Sends what has ended, within bounds. */
  @Override
  public void close() {
    sender.close();
  }

  private static String id(int bytes) {
    byte[] random = new byte[bytes];
    ThreadLocalRandom.current().nextBytes(random);
    random[0] |= 1; // All zeros would mean none.
    return HexFormat.of().formatHex(random);
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS + now.getNano();
  }

  private final class Running implements Trace.Span {
    private final String traceId;
    private final String spanId = id(8);
    private final String parentId;
    private final String name;
    private final Trace.Kind kind;
    private final long epochNanos = now();
    private final long start = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();

    private Running(String traceId, String parentId, String name, Trace.Kind kind) {
      this.traceId = traceId;
      this.parentId = parentId;
      this.name = name;
      this.kind = kind;
    }

    @Override
    public Trace.Span step(String stepName, Trace.Kind stepKind) {
      return new Running(traceId, spanId, stepName, stepKind);
    }

    @Override
    public void end(Optional<String> failure) {
      if (ended.compareAndSet(false, true)) {
        long end = epochNanos + System.nanoTime() - start;
        sender.offer(new Ended(traceId, spanId, parentId, name, kind, epochNanos, end, failure));
      }
    }
  }
}
