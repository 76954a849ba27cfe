package dev.longshore.docker;

import java.util.Map;

/**
 * One event of the daemon.
 *
 * @param action Docker's word, such as {@code start}, {@code die}, {@code exec_start: sh}, {@code
 *     untag}
 * @param id container id or image reference
 * @param attributes of the object: its labels, and {@code name}
 * @param timeNanos since 1970, the daemon's clock
 */
public record EngineEvent(
    Type type, String action, String id, Map<String, String> attributes, long timeNanos) {
  public EngineEvent {
    attributes = Map.copyOf(attributes);
  }

  /** What the event is about. */
  public enum Type {
    CONTAINER,
    IMAGE,
    /** Anything else: volumes, networks, the daemon itself. */
    OTHER
  }
}
