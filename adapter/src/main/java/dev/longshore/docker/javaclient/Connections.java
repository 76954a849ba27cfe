package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.ApiVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one daemon: made when first needed, with the API version agreed on then; made
 * anew, version and all, after it broke. Thread-safe; no lock is held while a daemon is asked.
 */
final class Connections implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Connections.class);

  /** Enough for the bulkhead, the reads beside it, and some hundred commands and pulls. */
  private static final int MAX_SOCKETS = 512;

  private final DockerHost host;
  private final AtomicReference<Optional<Connection>> current =
      new AtomicReference<>(Optional.empty());

  Connections(DockerHost host) {
    this.host = host;
  }

  DockerHost host() {
    return host;
  }

  /** The connection, counted as in use: the caller releases it. */
  Connection take() {
    while (true) {
      Optional<Connection> known = current.get();
      if (known.isPresent() && known.get().retain()) {
        return known.get();
      }
      Connection made = negotiate();
      boolean _ = made.retain();
      if (current.compareAndSet(known, Optional.of(made))) {
        log.info(
            "connected to Docker at {}: API {} of {}", host, made.version(), made.daemonVersion());
        return made;
      }
      made.release();
      made.release();
    }
  }

  /** Gives a broken connection up; the next call makes another. */
  void lost(Connection broken) {
    Optional<Connection> known = current.get();
    if (known.isPresent()
        && known.get() == broken
        && current.compareAndSet(known, Optional.empty())) {
      broken.release();
    }
  }

  @Override
  public void close() {
    current.getAndSet(Optional.empty()).ifPresent(Connection::release);
  }

  private Connection negotiate() {
    Optional<Path> missing = host.socket().filter(socket -> !Files.exists(socket));
    if (missing.isPresent()) {
      throw new CriException(
          Kind.UNAVAILABLE,
          ("Docker is away: there is no socket %s; start Docker, or name its socket with"
                  + " --docker-endpoint")
              .formatted(missing.get()));
    }
    DockerHttpClient http =
        new FewIdleSockets(
            new ApacheDockerHttpClient.Builder()
                .dockerHost(host.uri())
                .sslConfig(NoTls::context)
                .maxConnections(MAX_SOCKETS)
                .build());
    boolean agreed = false;
    try {
      Wire wire = Wire.unversioned(http);
      ApiVersion daemon = ping(wire);
      ApiVersion version = choose(daemon, wire);
      agreed = true;
      return new Connection(host, http, version, daemon);
    } finally {
      if (!agreed) {
        Connection.closeQuietly(http);
      }
    }
  }

  private ApiVersion ping(Wire wire) {
    String header = wire.ping("Api-Version");
    return ApiVersion.parse(header)
        .orElseThrow(
            () ->
                new CriException(
                    Kind.INTERNAL,
                    "what listens on %s does not answer like Docker: its Api-Version is \"%s\""
                        .formatted(host, header)));
  }

  private ApiVersion choose(ApiVersion daemon, Wire wire) {
    if (!daemon.atLeast(ApiVersion.OLDEST)) {
      throw new CriException(
          Kind.UNSUPPORTED,
          "Docker at %s speaks API %s at most; Longshore needs %s, that is Engine 19.03 or newer"
              .formatted(host, daemon, ApiVersion.OLDEST));
    }
    if (ApiVersion.NEWEST.atLeast(daemon)) {
      return daemon;
    }
    JsonNode minimum = wire.get("/version").path("MinAPIVersion");
    ApiVersion oldest = ApiVersion.parse(minimum.asText("")).orElse(ApiVersion.OLDEST);
    if (oldest.atLeast(ApiVersion.NEWEST) && !oldest.equals(ApiVersion.NEWEST)) {
      log.warn(
          "Docker at {} speaks API {} to {}, all newer than the {} Longshore was made for",
          host,
          oldest,
          daemon,
          ApiVersion.NEWEST);
      return oldest;
    }
    return ApiVersion.NEWEST;
  }
}
