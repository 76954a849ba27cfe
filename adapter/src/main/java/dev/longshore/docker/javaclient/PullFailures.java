package dev.longshore.docker.javaclient;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a failed pull means. Docker passes the registry's trouble on as text, seldom with a code, so
 * the text has to be read. The names {@code RegistryUnavailable} and {@code
 * SignatureValidationFailed} are the CRI's (cri-api, errors.go): the kubelet looks for them.
 */
final class PullFailures {
  private static final List<String> REGISTRY_AWAY =
      List.of(
          "502 bad gateway",
          "503 service unavailable",
          "504 gateway time",
          "unexpected http status: 5",
          "context deadline exceeded",
          "unexpected eof",
          ": eof",
          "connection refused",
          "connection reset by peer",
          "connection timed out",
          "i/o timeout",
          "tls handshake timeout",
          "client.timeout exceeded",
          "no route to host",
          "network is unreachable",
          "no such host",
          "server misbehaving",
          "temporary failure in name resolution");
  private static final List<String> UNTRUSTED_IMAGE =
      List.of(
          "image verifier",
          "content trust",
          "no trust data",
          "signature verification failed",
          "signature validation failed",
          "no valid signature");
  private static final List<String> UNTRUSTED_REGISTRY =
      List.of("x509: ", "server gave http response to https client");
  private static final List<String> REFUSED =
      List.of(
          "unauthorized",
          "authentication required",
          "no basic auth credentials",
          "denied",
          "403 forbidden",
          "401 ");
  private static final List<String> PLATFORM =
      List.of(
          "no matching manifest", "no match for platform", "does not match the specified platform");
  private static final List<String> UNKNOWN =
      List.of("manifest unknown", "not found", "name unknown", "no such image");

  /** containerd's words, in which a registry may have left out what the number means. */
  private static final Pattern STATUS = Pattern.compile("unexpected status from .*: (\\d{3})\\b");

  private PullFailures() {}

  /**
   * {@code given} is Docker's own status, 0 where it gave none; a registry's in the text counts.
   */
  static CriException explain(String reference, int given, String message) {
    String text = message.toLowerCase(Locale.ROOT);
    Matcher told = STATUS.matcher(text);
    int status = told.find() ? Integer.parseInt(told.group(1)) : given;
    if (status == 502 || status == 503 || status == 504 || contains(text, REGISTRY_AWAY)) {
      return new CriException(
          Kind.NAMED, "RegistryUnavailable: cannot pull %s: %s".formatted(reference, message));
    }
    if (contains(text, UNTRUSTED_IMAGE)) {
      return new CriException(
          Kind.NAMED,
          "SignatureValidationFailed: cannot pull %s: %s".formatted(reference, message));
    }
    if (contains(text, UNTRUSTED_REGISTRY)) {
      return failure(
          Kind.INTERNAL,
          reference,
          "Docker does not trust the registry; put its CA at /etc/docker/certs.d/<registry>/ca.crt"
              + " or name it in \"insecure-registries\" of Docker's daemon.json",
          message);
    }
    if (contains(text, List.of("client sent an http request to an https server"))) {
      return failure(
          Kind.INVALID,
          reference,
          "by https it did not succeed either, mostly for want of credentials: Docker tells only of"
              + " its last try, by http, for the registries that it calls insecure",
          message);
    }
    if (status == 429 || contains(text, List.of("toomanyrequests", "429 too many"))) {
      return failure(Kind.EXHAUSTED, reference, "the registry limits the rate of pulls", message);
    }
    if (contains(text, List.of("no space left on device"))) {
      return failure(Kind.EXHAUSTED, reference, "the disk of this node is full", message);
    }
    if (contains(text, PLATFORM)) {
      return failure(
          Kind.NOT_FOUND, reference, "the image is not made for this node's platform", message);
    }
    if (status == 401 || status == 403 || contains(text, REFUSED)) {
      return failure(
          Kind.INVALID,
          reference,
          "the registry refuses these credentials, or has no such image; check imagePullSecrets",
          message);
    }
    if (status == 404 || contains(text, UNKNOWN)) {
      return failure(Kind.NOT_FOUND, reference, "the registry has no such image", message);
    }
    Kind kind = status == 400 ? Kind.INVALID : Kind.INTERNAL;
    return new CriException(kind, "cannot pull %s: %s".formatted(reference, message));
  }

  private static CriException failure(Kind kind, String reference, String why, String message) {
    return new CriException(kind, "cannot pull %s: %s (%s)".formatted(reference, why, message));
  }

  private static boolean contains(String text, List<String> parts) {
    return parts.stream().anyMatch(text::contains);
  }
}
