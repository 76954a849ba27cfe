package dev.longshore.streaming;

import java.net.InetSocketAddress;

/** The URLs under which clients find what was prepared for them. Thread-safe. */
public final class StreamUrls {
  private final String scheme;
  private final InetSocketAddress server;
  private final Tokens tokens;

  /** {@code scheme} is http or https. */
  StreamUrls(String scheme, InetSocketAddress server, Tokens tokens) {
    this.scheme = scheme;
    this.server = server;
    this.tokens = tokens;
  }

  /**
   * An absolute URL, good for one use: the kubelet dials TLS when there is no scheme.
   *
   * @throws dev.longshore.common.CriException EXHAUSTED when too many wait for their clients
   */
  String prepare(Target target) {
    String host = server.getAddress().getHostAddress();
    return "%s://%s:%d/%s/%s"
        .formatted(
            scheme,
            host.contains(":") ? "[" + host + "]" : host,
            server.getPort(),
            target.route(),
            tokens.issue(target));
  }
}
