package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.github.dockerjava.api.exception.DockerException;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Optional;

/** Turns what docker-java, its transport and the daemon throw into our own failures. */
final class Failures {
  private Failures() {}

  /** {@code what} completes the sentence "cannot …". */
  static CriException translate(DockerHost host, String what, Exception failure) {
    if (failure instanceof CriException known) {
      return known;
    }
    int status = statusOf(failure).orElse(0);
    if (status != 0) {
      return new CriException(
          kind(status), "cannot %s: %s".formatted(what, said(status, messageOf(failure))), failure);
    }
    return ioCause(failure)
        .map(io -> broken(host, what, io, failure))
        .orElseGet(() -> misunderstood(what, failure));
  }

  private static CriException broken(
      DockerHost host, String what, IOException io, Exception failure) {
    if (io instanceof JsonProcessingException json) {
      return new CriException(
          Kind.INTERNAL,
          "cannot %s: Docker at %s answered with something that is not JSON: %s"
              .formatted(what, host, json.getOriginalMessage()),
          failure);
    }
    return new CriException(
        Kind.UNAVAILABLE, "cannot %s: %s".formatted(what, away(host, io)), failure);
  }

  private static CriException misunderstood(String what, Exception failure) {
    String why = Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getName());
    return new CriException(
        Kind.INTERNAL,
        "cannot %s: the answer was not understood: %s".formatted(what, why),
        failure);
  }

  /** Whether the connection is to blame, so that the next call should make another. */
  static boolean breaksConnection(Exception failure) {
    return ioCause(failure).filter(io -> !(io instanceof JsonProcessingException)).isPresent()
        || statusOf(failure).filter(s -> refusesVersion(s, messageOf(failure))).isPresent();
  }

  /** The status of an answer, from our own requests or docker-java's; empty for other failures. */
  static Optional<Integer> statusOf(Exception failure) {
    return switch (failure) {
      case StatusException ours -> Optional.of(ours.status());
      case DockerException theirs -> Optional.of(theirs.getHttpStatus());
      default -> Optional.empty();
    };
  }

  static String messageOf(Exception failure) {
    if (failure instanceof StatusException ours) {
      return ours.said();
    }
    String text = Optional.ofNullable(failure.getMessage()).orElse("");
    if (failure instanceof DockerException) {
      // docker-java writes "Status 404: {json}".
      int body = text.indexOf(": ");
      return Wire.message(body < 0 ? text : text.substring(body + 2));
    }
    return text;
  }

  private static Kind kind(int status) {
    return switch (status) {
      case 400 -> Kind.INVALID;
      case 404 -> Kind.NOT_FOUND;
      case 409 -> Kind.NOT_READY;
      case 501 -> Kind.UNSUPPORTED;
      case 502, 503, 504 -> Kind.UNAVAILABLE;
      default -> Kind.INTERNAL;
    };
  }

  /** A daemon that was replaced by one of another age says so with 400. */
  private static boolean refusesVersion(int status, String message) {
    return status == 400 && message.startsWith("client version ");
  }

  private static String said(int status, String message) {
    return message.isEmpty() ? "Docker answered with status " + status : message;
  }

  private static String away(DockerHost host, IOException failure) {
    if (failure instanceof ConnectException) {
      return "nobody listens on %s; start Docker, or name its socket with --docker-endpoint"
          .formatted(host);
    }
    String why = Optional.ofNullable(failure.getMessage()).orElse(failure.getClass().getName());
    return "the connection to Docker at %s failed: %s".formatted(host, why);
  }

  private static Optional<IOException> ioCause(Throwable failure) {
    Throwable cause = failure;
    while (cause != null && !(cause instanceof IOException)) {
      cause = cause.getCause();
    }
    return cause instanceof IOException io ? Optional.of(io) : Optional.empty();
  }
}
