package dev.longshore.tracing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts what has ended, in batches, from a thread of its own. What does not fit into the queue, and
 * a batch that is refused, is dropped: a receiver that is away must cost nothing. Thread-safe.
 */
final class OtlpSender implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OtlpSender.class);
  private static final int MOST_WAITING = 4096;
  private static final int LARGEST_BATCH = 512;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final BlockingQueue<Ended> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final URI url;
  private final String version;
  private final Duration pause;
  private final Thread thread;
  private boolean failing;

  private OtlpSender(URI endpoint, String version, Duration pause) {
    url = URI.create(endpoint.toString().replaceFirst("/$", "") + "/v1/traces");
    this.version = version;
    this.pause = pause;
    thread = Thread.ofVirtual().name("traces").unstarted(this::run);
  }

  static OtlpSender start(URI endpoint, String version, Duration pause) {
    OtlpSender sender = new OtlpSender(endpoint, version, pause);
    sender.thread.start();
    return sender;
  }

  void offer(Ended span) {
    boolean _ = waiting.offer(span);
  }

  private void run() {
    try {
      while (true) {
        List<Ended> batch = new ArrayList<>();
        batch.add(waiting.take());
        if (waiting.size() < LARGEST_BATCH) {
          Thread.sleep(pause);
        }
        send(batch);
      }
    } catch (InterruptedException e) {
      send(new ArrayList<>()); // Closed: what is left.
    }
  }

  private void send(List<Ended> batch) {
    waiting.drainTo(batch, LARGEST_BATCH - batch.size());
    if (batch.isEmpty()) {
      return;
    }
    try {
      post(OtlpJson.request(batch, version));
      if (failing) {
        log.info("traces reach {} again", url);
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        log.warn("traces do not reach {}, and are dropped until they do: {}", url, e.toString());
      }
      failing = true;
    }
  }

  private void post(byte[] body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setConnectTimeout((int) PATIENCE.toMillis());
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setRequestMethod("POST");
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setInstanceFollowRedirects(false);
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(body.length);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body);
    }
    int status = connection.getResponseCode();
    if (status / 100 != 2) {
      throw new IOException("it answers " + status);
    }
    try (InputStream answer = connection.getInputStream()) {
      long _ = answer.skip(Long.MAX_VALUE); // Read to the end, so that the connection serves again.
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      boolean _ = thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
