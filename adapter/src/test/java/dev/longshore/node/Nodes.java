package dev.longshore.node;

import dev.longshore.docker.EngineInfo;
import dev.longshore.view.EngineHealth;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How a node may stand with Docker. */
final class Nodes {
  static final Instant SOME_TIME = Instant.parse("2026-11-24T06:00:00Z");

  private Nodes() {}

  /** Docker has never answered. */
  static EngineHealth never() {
    return new EngineHealth(
        false,
        "DockerUnreachable",
        "nobody listens on /var/run/docker.sock",
        SOME_TIME,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** All is well. */
  static EngineHealth ready(EngineInfo engine) {
    return new EngineHealth(
        true,
        "",
        "",
        SOME_TIME,
        Optional.of(engine),
        Optional.of(SOME_TIME.plusSeconds(5)),
        Optional.of(Duration.ofMillis(3)));
  }

  /** Docker has answered, and is away now. */
  static EngineHealth lost(EngineInfo engine) {
    return new EngineHealth(
        false,
        "DockerUnreachable",
        "the daemon closed the connection",
        SOME_TIME,
        Optional.of(engine),
        Optional.of(SOME_TIME.plusSeconds(5)),
        Optional.of(Duration.ofMillis(3)));
  }

  static EngineInfo engine(String cgroupDriver) {
    return new EngineInfo(
        "28.5.1",
        "1.51",
        "1.51",
        cgroupDriver,
        2,
        "/var/lib/docker",
        "overlay2",
        "json-file",
        "runc",
        List.of("runc", "crun"),
        List.of("name=cgroupns"),
        true,
        Set.of(),
        Map.of("OperatingSystem", "Debian"),
        List.of("WARNING: No swap limit support"));
  }
}
