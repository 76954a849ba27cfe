package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Says why a pull failed. Docker has one status code for a dead registry, a wrong password and a
 * full disk, so its words decide. Two of the reasons the kubelet knows by the prefix of the message
 * (k8s.io/cri-api, pkg/errors).
 */
final class PullErrors {
  static final String REGISTRY_UNAVAILABLE = "RegistryUnavailable: ";
  static final String SIGNATURE_INVALID = "SignatureValidationFailed: ";

  private static final List<String> SIGNATURE_WORDS =
      List.of("signaturevalidationfailed", "signature validation failed", "remote trust data");
  private static final List<String> UNAVAILABLE_WORDS =
      List.of(
          "connection refused",
          "no such host",
          "i/o timeout",
          "handshake timeout",
          "no route to host",
          "network is unreachable",
          "connection reset",
          "server misbehaving",
          "temporary failure in name resolution",
          "context deadline exceeded",
          "client.timeout exceeded",
          "request canceled while waiting for connection",
          "unexpected http status: 5",
          "bad gateway",
          "service unavailable",
          "gateway timeout",
          "unexpected eof",
          ": eof");
  private static final List<String> EXHAUSTED_WORDS =
      List.of("toomanyrequests", "too many requests", "rate limit");
  private static final List<String> DENIED_WORDS =
      List.of(
          "unauthorized",
          "no basic auth credentials",
          "authentication required",
          "incorrect username or password",
          "forbidden");
  private static final List<String> MISSING_WORDS =
      List.of(
          "manifest unknown", "name unknown", "no matching manifest", "access denied", "not found");

  private PullErrors() {}

  /** The failure to hand on for one the engine threw. */
  static CriException explain(String image, CriException failure) {
    String words = failure.getMessage();
    return switch (failure.kind()) {
      // Not the registry's fault: Docker itself is away, or somebody ended the call.
      case UNAVAILABLE, TIMED_OUT, CANCELLED, EXHAUSTED, UNSUPPORTED ->
          new CriException(failure.kind(), sentence(image, words), failure);
      case INVALID, NOT_FOUND, ALREADY_EXISTS, NOT_READY, INTERNAL ->
          byWords(image, words, failure);
    };
  }

  private static CriException byWords(String image, String words, CriException failure) {
    String lower = words.toLowerCase(Locale.ROOT);
    String sentence = sentence(image, words);
    if (has(lower, SIGNATURE_WORDS)) {
      return new CriException(Kind.INVALID, SIGNATURE_INVALID + sentence, failure);
    }
    if (has(lower, EXHAUSTED_WORDS)) {
      return new CriException(
          Kind.EXHAUSTED, sentence + "; the registry limits pulls: wait, or log in", failure);
    }
    if (has(lower, DENIED_WORDS)) {
      return new CriException(
          Kind.INVALID,
          sentence + "; the registry refuses these credentials: check the pod's imagePullSecrets",
          failure);
    }
    if (has(lower, UNAVAILABLE_WORDS)) {
      return new CriException(Kind.UNAVAILABLE, REGISTRY_UNAVAILABLE + sentence, failure);
    }
    if (has(lower, MISSING_WORDS)) {
      return new CriException(
          Kind.NOT_FOUND,
          sentence + "; check the image's name, and the pod's imagePullSecrets if it is private",
          failure);
    }
    return new CriException(failure.kind(), sentence, failure);
  }

  private static boolean has(String lower, List<String> words) {
    return words.stream().anyMatch(lower::contains);
  }

  private static String sentence(String image, String words) {
    String bare = words;
    for (String prefix : List.of(REGISTRY_UNAVAILABLE, SIGNATURE_INVALID)) {
      bare = bare.startsWith(prefix) ? bare.substring(prefix.length()) : bare;
    }
    return bare.contains(image) ? bare : "cannot pull image %s: %s".formatted(image, bare);
  }

  /** The failure of a pull whose registry went silent. */
  static CriException stalled(String image, Duration silence, Optional<String> lastWords) {
    return new CriException(
        Kind.TIMED_OUT,
        "cannot pull image %s: it made no progress for %s%s; the registry or the way to it is slow or dead, or --image-pull-progress-deadline is too short"
            .formatted(
                image, inWords(silence), lastWords.map(w -> " after \"" + w + "\"").orElse("")));
  }

  private static String inWords(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }
}
