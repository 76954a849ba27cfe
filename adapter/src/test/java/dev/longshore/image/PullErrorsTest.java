package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The words are Docker's, as Engines 20.10 to 28 write them. */
class PullErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
        "Get \"https://r.example/v2/\": dial tcp: lookup r.example on 10.0.0.2:53: no such host",
        "Get \"https://r.example/v2/\": net/http: TLS handshake timeout",
        "Get \"https://r.example/v2/\": context deadline exceeded (Client.Timeout exceeded while"
            + " awaiting headers)",
        "received unexpected HTTP status: 503 Service Unavailable",
        "error parsing HTTP 502 response body: <html>502 Bad Gateway</html>",
        "unexpected EOF",
        "failed to do request: Head \"https://r.example/v2/a/manifests/1\": EOF",
      })
  void aRegistryThatDoesNotAnswerHasThePrefixTheKubeletKnows(String words) {
    CriException failure = PullErrors.explain("r.example/a:1", internal(words));

    assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(failure)
        .hasMessageStartingWith("RegistryUnavailable: cannot pull image r.example/a:1: ")
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NOT_FOUND | manifest for r.example/a:1 not found: manifest unknown: manifest unknown",
        "NOT_FOUND | pull access denied for a, repository does not exist or may require 'docker"
            + " login': denied: requested access to the resource is denied",
        "NOT_FOUND | no matching manifest for linux/arm64/v8 in the manifest list entries",
        "INVALID | Head \"https://r.example/v2/a/manifests/1\": unauthorized: authentication"
            + " required",
        "INVALID | Get \"https://r.example/v2/a/manifests/1\": no basic auth credentials",
        "EXHAUSTED | toomanyrequests: You have reached your pull rate limit.",
        "INTERNAL | failed to register layer: write /usr/lib/x: no space left on device",
      })
  void otherReasonsHaveTheirKindAndKeepDockersWords(Kind kind, String words) {
    CriException failure = PullErrors.explain("r.example/a:1", internal(words));

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure)
        .message()
        .contains(words, "r.example/a:1")
        .doesNotStartWith("RegistryUnavailable");
  }

  @Test
  void prefixesThatAreThereStayInFront() {
    assertThat(
            PullErrors.explain(
                "a:1", internal("RegistryUnavailable: cannot pull a:1: Bad Gateway")))
        .hasMessage("RegistryUnavailable: cannot pull a:1: Bad Gateway");
    assertThat(PullErrors.explain("a:1", internal("SignatureValidationFailed: a:1 is not signed")))
        .hasMessage("SignatureValidationFailed: a:1 is not signed");
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"UNAVAILABLE", "TIMED_OUT", "CANCELLED"})
  void aDockerThatDoesNotAnswerIsNotTheRegistrysFault(Kind kind) {
    CriException failure =
        PullErrors.explain("a:1", new CriException(kind, "docker.sock: connection refused"));

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessage("cannot pull image a:1: docker.sock: connection refused");
  }

  private static CriException internal(String words) {
    return new CriException(Kind.INTERNAL, words);
  }
}
