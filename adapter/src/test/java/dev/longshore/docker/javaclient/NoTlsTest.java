package dev.longshore.docker.javaclient;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.psl.PublicSuffixMatcherLoader;
import org.junit.jupiter.api.Test;

/** What the HTTP client would load at every start, and Docker has no use for. */
class NoTlsTest {
  @Test
  void refusesConnectionsAndKeys() {
    SSLContext context = NoTls.context();
    assertThatThrownBy(context::getSocketFactory).hasMessageContaining("without TLS");
    assertThatThrownBy(() -> context.createSSLEngine("localhost", 1))
        .hasMessageContaining("without TLS");
    assertThatThrownBy(() -> context.init(null, null, null)).hasMessageContaining("without TLS");
  }

  @Test
  void theListOfDomainsThatTheClientFindsIsOurs() throws IOException {
    try (InputStream list =
        PublicSuffixMatcherLoader.class.getResourceAsStream(
            "/org/publicsuffix/list/effective_tld_names.dat")) {
      assertThat(list).asString(UTF_8).contains("Docker sets none");
    }
  }
}
