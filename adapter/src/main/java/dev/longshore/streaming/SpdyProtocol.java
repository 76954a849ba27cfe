package dev.longshore.streaming;

import java.util.List;
import java.util.Optional;

/** Kubernetes' protocols over SPDY for exec and attach, the preferred ones first. */
enum SpdyProtocol {
  V4("v4.channel.k8s.io"),
  V3("v3.channel.k8s.io"),
  V2("v2.channel.k8s.io"),
  V1("channel.k8s.io");

  /** The only one for port-forward. */
  static final String PORT_FORWARD = "portforward.k8s.io";

  private final String text;

  SpdyProtocol(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }

  /** Whether the client sends sizes of its terminal. */
  boolean resizes() {
    return this == V4 || this == V3;
  }

  /** Whether the error stream carries a status in JSON, with the exit code. */
  boolean jsonStatus() {
    return this == V4;
  }

  /** The best of those that the client offers. */
  static Optional<SpdyProtocol> choose(List<String> offered) {
    for (SpdyProtocol protocol : values()) {
      if (offered.contains(protocol.text)) {
        return Optional.of(protocol);
      }
    }
    return Optional.empty();
  }
}
