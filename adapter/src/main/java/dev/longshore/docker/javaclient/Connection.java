package dev.longshore.docker.javaclient;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import dev.longshore.docker.ApiVersion;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool of sockets to one daemon, and the API version agreed with it. Counts its users: given up
 * by its owner, it closes after the last call that uses it, so that one broken socket does not end
 * the calls on the others. Thread-safe.
 */
final class Connection {
  private static final Logger log = LoggerFactory.getLogger(Connection.class);

  private final DockerHttpClient http;
  private final DockerClient typed;
  private final Wire wire;
  private final ApiVersion version;
  private final ApiVersion daemonVersion;
  private final AtomicInteger users = new AtomicInteger(1);

  Connection(DockerHost host, DockerHttpClient http, ApiVersion version, ApiVersion daemonVersion) {
    this.http = http;
    this.typed = DockerClientImpl.getInstance(new TypedClientConfig(host, version), http);
    this.wire = new Wire(http, version);
    this.version = version;
    this.daemonVersion = daemonVersion;
  }

  /** docker-java's commands. */
  DockerClient typed() {
    return typed;
  }

  /** Requests of our own making. */
  Wire wire() {
    return wire;
  }

  /** The version in use. */
  ApiVersion version() {
    return version;
  }

  /** The newest version the daemon speaks. */
  ApiVersion daemonVersion() {
    return daemonVersion;
  }

  /** Adds a user; false when the connection was given up before. */
  boolean retain() {
    return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  /** Takes a user away; the last one closes the sockets. */
  void release() {
    if (users.decrementAndGet() == 0) {
      closeQuietly(http);
    }
  }

  static void closeQuietly(DockerHttpClient http) {
    try {
      http.close();
    } catch (IOException e) {
      log.debug("could not close the connection to Docker", e);
    }
  }
}
