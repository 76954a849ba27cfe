package dev.longshore.streaming;

import java.net.InetSocketAddress;

/** The URLs under which clients find what was prepared for them. Thread-safe. */
public final class StreamUrls {
  private final InetSocketAddress server;
  private final Tokens tokens;

  StreamUrls(InetSocketAddress server, Tokens tokens) {
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
    return "http://%s:%d/%s/%s"
        .formatted(
            host.contains(":") ? "[" + host + "]" : host,
            server.getPort(),
            target.route(),
            tokens.issue(target));
  }
}
