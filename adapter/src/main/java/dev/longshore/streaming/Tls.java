package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.streaming.StreamingOptions.Certificate;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/** The server's side of TLS 1.2 and 1.3, by the JDK's own engine. */
final class Tls {
  private Tls() {}

  /** NOT_READY naming the files when they cannot be used. */
  static SslContext server(Certificate files) {
    requireReadable("--streaming-tls-cert-file", files.chain());
    requireReadable("--streaming-tls-private-key-file", files.key());
    try {
      return SslContextBuilder.forServer(files.chain().toFile(), files.key().toFile())
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (SSLException | IllegalArgumentException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new CriException(
          Kind.NOT_READY,
          ("cannot serve streams with the certificate %s and the key %s: %s; both must be PEM and"
                  + " belong together, the key in PKCS#8 without a password (openssl pkcs8 -topk8"
                  + " -nocrypt makes one)")
              .formatted(files.chain(), files.key(), reason.getMessage()),
          e);
    }
  }

  private static void requireReadable(String flag, Path file) {
    if (!Files.isReadable(file)) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot serve streams with TLS: %s (%s) is not there, or may not be read"
              .formatted(file, flag));
    }
  }
}
