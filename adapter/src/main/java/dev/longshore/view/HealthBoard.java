package dev.longshore.view;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.EngineInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How Longshore stands with Docker; says so once when that changes. Thread-safe. */
final class HealthBoard {
  private static final Logger log = LoggerFactory.getLogger(HealthBoard.class);

  private final InstantSource clock;
  private final AtomicReference<EngineHealth> current;

  HealthBoard(InstantSource clock) {
    this.clock = clock;
    this.current =
        new AtomicReference<>(
            new EngineHealth(
                false,
                Trouble.NOT_ASKED.reason(),
                Trouble.NOT_ASKED.message(),
                clock.instant(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
  }

  EngineHealth current() {
    return current.get();
  }

  /**
   * Returns when Docker is there.
   *
   * @throws CriException UNAVAILABLE when it is away
   */
  void requireReady() {
    EngineHealth health = current.get();
    if (!health.ready()) {
      throw new CriException(
          Kind.UNAVAILABLE,
          "Docker is away since %s (%s: %s); what runs is unknown until it has been listed again"
              .formatted(health.since(), health.reason(), health.message()));
    }
  }

  /** The event stream opened. */
  void heard() {
    heard(current.get().eventLag());
  }

  /** An event came, of that time by the daemon's clock. */
  void heard(Instant eventTime) {
    Duration lag = Duration.between(eventTime, clock.instant());
    heard(Optional.of(lag.isNegative() ? Duration.ZERO : lag));
  }

  private void heard(Optional<Duration> lag) {
    Optional<Instant> now = Optional.of(clock.instant());
    current.updateAndGet(
        h -> new EngineHealth(h.ready(), h.reason(), h.message(), h.since(), h.engine(), now, lag));
  }

  void described(EngineInfo info) {
    current.updateAndGet(
        h ->
            new EngineHealth(
                h.ready(),
                h.reason(),
                h.message(),
                h.since(),
                Optional.of(info),
                h.lastEvent(),
                h.eventLag()));
  }

  void ready(Snapshot snapshot) {
    Instant now = clock.instant();
    EngineHealth before =
        current.getAndUpdate(
            h -> new EngineHealth(true, "", "", now, h.engine(), h.lastEvent(), h.eventLag()));
    log.info(
        "Docker {} is there: {} sandboxes and {} containers, known {} ms after it was missed",
        before.engine().map(EngineInfo::version).orElse(""),
        snapshot.sandboxes().size(),
        snapshot.containers().size(),
        Duration.between(before.since(), now).toMillis());
  }

  void away(Trouble trouble) {
    Instant now = clock.instant();
    EngineHealth before =
        current.getAndUpdate(
            h ->
                new EngineHealth(
                    false,
                    trouble.reason(),
                    trouble.message(),
                    h.ready() ? now : h.since(),
                    h.engine(),
                    h.lastEvent(),
                    h.eventLag()));
    boolean news = before.ready() || before.reason().equals(Trouble.NOT_ASKED.reason());
    if (news && !trouble.equals(Trouble.CLOSED)) {
      log.warn(
          "Docker is away ({}: {}); trying until it answers", trouble.reason(), trouble.message());
    } else {
      log.debug("Docker is still away ({}: {})", trouble.reason(), trouble.message());
    }
  }
}
