package dev.longshore.streaming;

import java.util.List;
import java.util.Optional;

/** Kubernetes' protocols over WebSocket for exec and attach, the preferred ones first. */
enum WebSocketProtocol {
  V5("v5.channel.k8s.io"),
  V4("v4.channel.k8s.io"),
  V4_BASE64("v4.base64.channel.k8s.io"),
  V1("channel.k8s.io"),
  V1_BASE64("base64.channel.k8s.io"),
  /** For a client that names none. */
  UNNAMED("");

  /** SPDY in binary messages, for port-forward. */
  static final String TUNNEL = "SPDY/3.1+" + SpdyProtocol.PORT_FORWARD;

  private final String text;

  WebSocketProtocol(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /** Whether messages are text: a digit for the channel, the rest in base64. */
  boolean base64() {
    return this == V4_BASE64 || this == V1_BASE64;
  }

  /** Whether the error channel carries a status in JSON, with the exit code. */
  boolean jsonStatus() {
    return this == V5 || this == V4 || this == V4_BASE64;
  }

  /** Whether a client can end its input. */
  boolean halfCloses() {
    return this == V5;
  }

  /** The best of those that the client offers for a port-forward, which has no later ones. */
  static Optional<WebSocketProtocol> chooseForward(List<String> offered) {
    return choose(offered.stream().filter(word -> !word.equals(V5.text)).toList())
        .filter(found -> found != UNNAMED || offered.isEmpty());
  }

  /** The best of those that the client offers. */
  static Optional<WebSocketProtocol> choose(List<String> offered) {
    if (offered.isEmpty()) {
      return Optional.of(UNNAMED);
    }
    for (WebSocketProtocol protocol : values()) {
      if (protocol != UNNAMED && offered.contains(protocol.text)) {
        return Optional.of(protocol);
      }
    }
    return Optional.empty();
  }
}
