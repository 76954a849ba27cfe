package dev.longshore.view;

import dev.longshore.docker.EngineInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How Longshore stands with Docker.
 *
 * @param ready the event stream is open and every container has been inspected
 * @param reason CamelCase word for machines, such as {@code DockerUnreachable}; empty when ready
 * @param message sentence for people; empty when ready
 * @param since when {@code ready} last changed
 * @param engine who the daemon is, as last asked; stays when the daemon goes away
 * @param lastEvent when the daemon last spoke on the event stream
 * @param eventLag how long the last event was under way, by the wall clock; empty before the first
 */
public record EngineHealth(
    boolean ready,
    String reason,
    String message,
    Instant since,
    Optional<EngineInfo> engine,
    Optional<Instant> lastEvent,
    Optional<Duration> eventLag) {}
