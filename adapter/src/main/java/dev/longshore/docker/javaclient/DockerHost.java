package dev.longshore.docker.javaclient;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Where a Docker daemon listens: {@code unix:///path/to/socket}, or {@code tcp://} on this machine
 * only, since that way has neither encryption nor a check of who calls.
 */
public record DockerHost(URI uri) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  /**
   * Reads the form that {@code DOCKER_HOST} has.
   *
   * @throws CriException INVALID for any other form
   */
  public static DockerHost parse(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw invalid(text, e.getReason());
    }
    String scheme = Optional.ofNullable(uri.getScheme()).orElse("");
    String path = Optional.ofNullable(uri.getPath()).orElse("");
    String host = Optional.ofNullable(uri.getHost()).orElse("");
    switch (scheme) {
      case "unix" -> {
        if (!host.isEmpty() || uri.getAuthority() != null || !path.startsWith("/")) {
          throw invalid(text, "the path of the socket must be absolute");
        }
      }
      case "tcp" -> {
        if (!LOOPBACK.contains(host) || uri.getPort() <= 0) {
          throw invalid(text, "tcp is for 127.0.0.1 with a port, as it is not encrypted");
        }
      }
      default -> throw invalid(text, "unknown scheme \"" + scheme + "\"");
    }
    return new DockerHost(uri);
  }

  /** The daemon behind a socket of this machine. */
  public static DockerHost unix(Path socket) {
    try {
      return new DockerHost(new URI("unix", "", socket.toAbsolutePath().toString(), null));
    } catch (URISyntaxException e) {
      throw invalid(socket.toString(), e.getReason());
    }
  }

  /** The socket's file; empty for tcp. */
  public Optional<Path> socket() {
    return "unix".equals(uri.getScheme()) ? Optional.of(Path.of(uri.getPath())) : Optional.empty();
  }

  @Override
  public String toString() {
    return uri.toString();
  }

  private static CriException invalid(String text, String why) {
    return new CriException(
        Kind.INVALID,
        "cannot use \"%s\" as Docker's address: %s; use unix:///var/run/docker.sock or the like"
            .formatted(text, why));
  }
}
