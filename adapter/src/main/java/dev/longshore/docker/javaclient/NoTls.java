package dev.longshore.docker.javaclient;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * In place of Java's TLS, which the HTTP client sets up even for a Unix socket: its engines and the
 * certificates of all the world's authorities are 3 MB that nobody uses. Refuses everything.
 */
final class NoTls extends SSLContextSpi {
  private static final String REFUSAL = "Docker is reached without TLS";

  private NoTls() {}

  static SSLContext context() {
    return new Context();
  }

  @Override
  protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
      throws KeyManagementException {
    throw new KeyManagementException(REFUSAL);
  }

  @Override
  protected SSLSocketFactory engineGetSocketFactory() {
    throw new UnsupportedOperationException(REFUSAL);
  }

  @Override
  protected SSLServerSocketFactory engineGetServerSocketFactory() {
    throw new UnsupportedOperationException(REFUSAL);
  }

  @Override
  protected SSLEngine engineCreateSSLEngine() {
    throw new UnsupportedOperationException(REFUSAL);
  }

  @Override
  protected SSLEngine engineCreateSSLEngine(String host, int port) {
    throw new UnsupportedOperationException(REFUSAL);
  }

  @Override
  protected SSLSessionContext engineGetServerSessionContext() {
    throw new UnsupportedOperationException(REFUSAL);
  }

  @Override
  protected SSLSessionContext engineGetClientSessionContext() {
    throw new UnsupportedOperationException(REFUSAL);
  }

  private static final class Context extends SSLContext {
    private Context() {
      super(new NoTls(), null, "none");
    }
  }
}
