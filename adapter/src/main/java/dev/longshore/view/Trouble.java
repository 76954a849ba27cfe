package dev.longshore.view;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;

/**
 * Why there is no connection.
 *
 * @param reason CamelCase word for machines
 * @param message sentence for people
 */
record Trouble(String reason, String message) {
  static final Trouble NOT_ASKED = new Trouble("DockerNotAsked", "Docker has not been asked yet");
  static final Trouble CLOSED = new Trouble("ShuttingDown", "Longshore is shutting down");

  static Trouble silent(String message) {
    return new Trouble("DockerNotResponding", message);
  }

  static Trouble of(CriException e) {
    return switch (e.kind()) {
      case UNAVAILABLE -> new Trouble("DockerUnreachable", e.getMessage());
      case TIMED_OUT -> silent(e.getMessage());
      case INVALID,
          NOT_FOUND,
          ALREADY_EXISTS,
          NOT_READY,
          EXHAUSTED,
          CANCELLED,
          UNSUPPORTED,
          NAMED,
          INTERNAL ->
          new Trouble("DockerFailed", e.getMessage());
    };
  }

  /** Whether a failure says more than that the connection is lost, which is said elsewhere. */
  static boolean isNews(CriException e) {
    return e.kind() != Kind.UNAVAILABLE && e.kind() != Kind.CANCELLED;
  }
}
