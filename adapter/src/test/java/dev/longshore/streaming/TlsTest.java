package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.TestCertificate;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.streaming.StreamingOptions.Certificate;
import dev.longshore.streaming.Target.Streams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Streams by https, with a certificate that is made for the test. */
@TestInstance(Lifecycle.PER_CLASS)
class TlsTest {
  private static final Streams INPUT = new Streams(true, true, false, false);

  private Path folder;
  private TestCertificate certificate;

  @BeforeAll
  void makeCertificate(@TempDir Path made) throws Exception {
    folder = made;
    certificate = TestCertificate.make(made);
  }

  @Test
  void execWorksByHttps(@TempDir Path proc) throws Exception {
    try (StreamingRig rig = rig(proc, "tls.crt", "tls.key")) {
      String url = rig.exec(INPUT, "cat");
      assertThat(url).startsWith("https://127.0.0.1:");
      byte[] sent = new byte[1 << 20];
      try (SpdyClient client = SpdyClient.connect(url, "v4.channel.k8s.io", trusting())) {
        int error = client.open("streamtype", "error");
        int stdin = client.open("streamtype", "stdin");
        int stdout = client.open("streamtype", "stdout");
        client.write(stdin, sent);
        client.end(stdin);

        assertThat(client.readAll(stdout)).isEqualTo(sent);
        assertThat(client.readText(error)).contains("Success");
        client.awaitClosed();
      }
    }
  }

  @Test
  void plainHttpIsNotServedThen(@TempDir Path proc) throws IOException {
    try (StreamingRig rig = rig(proc, "tls.crt", "tls.key")) {
      rig.docker.onExec(_ -> ExecAnswer.exits(0, "", ""));
      String url = rig.exec(INPUT, "true").replace("https:", "http:");

      assertThatThrownBy(() -> SpdyClient.connect(url, "v4.channel.k8s.io"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void filesThatCannotBeUsedAreNamed(@TempDir Path proc) throws IOException {
    Files.writeString(folder.resolve("no.key"), "nonsense");

    assertThatThrownBy(() -> rig(proc, "tls.crt", "missing.key"))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("missing.key (--streaming-tls-private-key-file) is not there");
    assertThatThrownBy(() -> rig(proc, "tls.crt", "no.key"))
        .isInstanceOf(CriException.class)
        .hasMessageContaining("no.key")
        .hasMessageContaining("PKCS#8");
  }

  private StreamingRig rig(Path proc, String chain, String key) {
    return new StreamingRig(
        proc,
        StreamingRig.options(
            Duration.ofHours(1),
            true,
            Optional.of(new Certificate(folder.resolve(chain), folder.resolve(key)))));
  }

  private SSLSocketFactory trusting() throws GeneralSecurityException {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    try {
      trusted.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
    trusted.setCertificateEntry("server", certificate.certificate());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context.getSocketFactory();
  }
}
