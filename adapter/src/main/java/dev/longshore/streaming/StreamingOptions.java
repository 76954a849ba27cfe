package dev.longshore.streaming;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How clients are served.
 *
 * @param address on loopback; port 0 means any that is free
 * @param idle a client on whose streams nothing has moved for that long is cut
 * @param killAbandoned whether a command is killed when its client goes away
 * @param certificate for TLS; without one clients are served in plain HTTP
 */
public record StreamingOptions(
    InetSocketAddress address,
    Duration idle,
    boolean killAbandoned,
    Optional<Certificate> certificate) {
  /**
   * PEM files, read once at the start.
   *
   * @param chain the server's certificate first, then those that signed it
   * @param key its private key, in PKCS#8, without a password
   */
  public record Certificate(Path chain, Path key) {}
}
