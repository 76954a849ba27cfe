package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.metrics.http.MetricsServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What a whole node tells of itself by HTTP. */
@TestInstance(Lifecycle.PER_CLASS)
class MetricsTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private FakeNode node;
  private MetricsServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    node = new FakeNode(folder).ready();
    server = node.serveMetrics();
  }

  @AfterAll
  void stop() {
    client.close();
    server.close();
    node.close();
  }

  @Test
  void theReadmeHasARowForEveryMetricWithItsTypeAndMeaning() throws Exception {
    List<String> rows =
        Files.readAllLines(Path.of("..", "README.md")).stream()
            .filter(line -> line.matches("\\| `[a-z]+_[a-z_]+` \\|.*"))
            .map(line -> line.replaceAll(", by `.*", " |"))
            .toList();
    Map<String, String> heads = heads(get("/metrics"));
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            heads.entrySet().stream().map(e -> row(e.getKey(), e.getValue())).toList());
  }

  @Test
  void aNodeThatServesIsAliveAndReady() throws Exception {
    assertThat(get("/livez")).endsWith("ok\n");
    assertThat(get("/healthz")).endsWith("ok\n");
    assertThat(get("/readyz")).isEqualTo("[+]socket ok\n[+]docker ok\nok\n");
  }

  /** By name, the type and the help. */
  private static Map<String, String> heads(String text) {
    Map<String, String> help =
        text.lines()
            .filter(line -> line.startsWith("# HELP "))
            .map(line -> line.split(" ", 4))
            .collect(Collectors.toMap(words -> words[2], words -> words[3]));
    Map<String, String> heads = new TreeMap<>();
    text.lines()
        .filter(line -> line.startsWith("# TYPE "))
        .map(line -> line.split(" ", 4))
        .forEach(words -> heads.put(words[2], words[3] + " | " + help.get(words[2])));
    return heads;
  }

  private static String row(String name, String head) {
    String[] parts = head.split(" \\| ", 2);
    String help = parts[1].substring(0, 1).toLowerCase(Locale.ROOT) + parts[1].substring(1);
    return "| `%s` | %s | %s |".formatted(name, parts[0], help);
  }

  private String get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(server.address().getPort(), path));
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }
}
