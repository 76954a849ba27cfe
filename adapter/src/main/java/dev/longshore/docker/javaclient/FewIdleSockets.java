package dev.longshore.docker.javaclient;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A transport that keeps few sockets once they are idle. docker-java's pool never closes one, so a
 * rush of requests would leave as many descriptors behind as it had at its height; a request that
 * finds enough others under way therefore asks for its connection to be closed after the answer.
 * Thread-safe.
 */
final class FewIdleSockets implements DockerHttpClient {
  /** As many as Longshore's own rounds use; to connect anew costs some 50 microseconds. */
  static final int KEPT = 4;

  private final DockerHttpClient sockets;
  private final AtomicInteger busy = new AtomicInteger();

  FewIdleSockets(DockerHttpClient sockets) {
    this.sockets = sockets;
  }

  @Override
  public Response execute(Request request) {
    boolean kept = busy.incrementAndGet() <= KEPT;
    try {
      return new Counted(sockets.execute(kept ? request : closing(request)));
    } catch (RuntimeException e) {
      busy.decrementAndGet();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    sockets.close();
  }

  private static Request closing(Request request) {
    return Request.builder().from(request).putHeader("Connection", "close").build();
  }

  private final class Counted implements Response {
    private final Response answer;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Counted(Response answer) {
      this.answer = answer;
    }

    @Override
    public int getStatusCode() {
      return answer.getStatusCode();
    }

    @Override
    public Map<String, List<String>> getHeaders() {
      return answer.getHeaders();
    }

    @Override
    public InputStream getBody() {
      return answer.getBody();
    }

    @Override
    public void close() {
      try {
        answer.close();
      } finally {
        if (open.getAndSet(false)) {
          busy.decrementAndGet();
        }
      }
    }
  }
}
