package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.client.TestPod;
import dev.longshore.common.CriException;
import dev.longshore.common.Eventually;
import dev.longshore.metrics.Scrape;
import dev.longshore.metrics.Scrape.Head;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a whole node tells of itself by HTTP, once a pod has come and gone on it. */
@TestInstance(Lifecycle.PER_CLASS)
class MetricsTest {
  private static final String OPEN_METRICS = "application/openmetrics-text";

  /** The state of something, a version, and a name that Prometheus' clients gave. */
  private static final List<String> WITHOUT_UNIT =
      List.of(
          "longshore_build_info",
          "longshore_docker_ready",
          "longshore_network_ready",
          "jvm_threads_current");

  private final HttpClient client = HttpClient.newHttpClient();
  private FakeNode node;
  private MetricsServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    node = new FakeNode(folder).ready();
    server = node.serveMetrics();
    TestPod pod = new TestPod(node.client(), "shop", "web", folder.resolve("logs"), Map.of());
    String sandbox = pod.run();
    String container = pod.create(sandbox, "main", FakeNode.IMAGE);
    pod.start(container);
    assertThat(pod.exec(container, "echo", "hello")).contains("hello");
    assertThatThrownBy(() -> pod.create("f".repeat(64), "main", FakeNode.IMAGE))
        .isInstanceOf(CriException.class);
    pod.stop(container);
    pod.remove(container);
    pod.stopSandbox(sandbox);
    pod.removeSandbox(sandbox);
  }

  @AfterAll
  void stop() {
    client.close();
    server.close();
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", OPEN_METRICS})
  void everyMetricIsAsPrometheusWantsIt(String format) throws Exception {
    assertThat(Scrape.of(get("/metrics", format)).problems()).isEmpty();
  }

  @Test
  void everyMetricHasAUnit() throws Exception {
    Map<String, Head> heads = Scrape.of(get("/metrics", OPEN_METRICS)).heads();
    assertThat(heads.entrySet().stream().filter(e -> e.getValue().unit().isEmpty()))
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrderElementsOf(WITHOUT_UNIT);
  }

  @Test
  void theReadmeHasARowForEveryMetricWithItsTypeAndMeaning() throws Exception {
    List<String> rows =
        Files.readAllLines(Path.of("..", "README.md")).stream()
            .filter(line -> line.matches("\\| `[a-z]+_[a-z_]+` \\|.*"))
            .map(line -> line.replaceAll(", by `.*", " |"))
            .toList();
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            scrape().heads().entrySet().stream()
                .map(head -> row(head.getKey(), head.getValue()))
                .toList());
  }

  @Test
  void callsAreSeenByMethodAndCode() throws Exception {
    Scrape scrape = scrape();
    String calls = "longshore_rpc_calls_total{method=\"%s\",code=\"%s\"}";
    assertThat(scrape.value(calls.formatted("RunPodSandbox", "OK"))).hasValue(1.0);
    assertThat(scrape.value(calls.formatted("CreateContainer", "NOT_FOUND"))).hasValue(1.0);
    assertThat(scrape.value("longshore_rpc_in_flight_calls{method=\"RunPodSandbox\"}"))
        .hasValue(0.0);
    assertThat(scrape.value("longshore_rpc_duration_seconds_count{method=\"CreateContainer\"}"))
        .hasValue(2.0);
  }

  @Test
  void whatAPodCostsDockerIsSeen() throws Exception {
    Scrape scrape = scrape();
    String requests = "longshore_docker_requests_total{kind=\"%s\",outcome=\"ok\"}";
    assertThat(scrape.value(requests.formatted("create"))).hasValue(2.0);
    assertThat(scrape.value(requests.formatted("start"))).hasValue(2.0);
    assertThat(scrape.value("longshore_docker_in_flight_requests{kind=\"events\"}")).hasValue(1.0);
  }

  @Test
  void networkOperationsHaveTheirOldNamesToo() throws Exception {
    Scrape scrape = scrape();
    assertThat(scrape.value("longshore_cni_operations_total{operation=\"add\",outcome=\"ok\"}"))
        .hasValue(1.0);
    for (String operation : List.of("set_up_pod", "tear_down_pod")) {
      String labels = "{operation_type=\"%s\"}".formatted(operation);
      assertThat(scrape.value("kubelet_network_plugin_operations_total" + labels))
          .as(operation)
          .hasValueSatisfying(count -> assertThat(count).isPositive());
      assertThat(scrape.value("kubelet_network_plugin_operations_errors_total" + labels))
          .as(operation)
          .hasValue(0.0);
    }
  }

  @Test
  void theProcessIsSeen() throws Exception {
    Scrape scrape = scrape();
    for (String series :
        List.of(
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_start_time_seconds",
            "process_open_fds",
            "process_max_fds",
            "jvm_threads_current",
            "jvm_memory_used_bytes{area=\"heap\"}",
            "jvm_memory_committed_bytes{area=\"nonheap\"}",
            "jvm_memory_max_bytes{area=\"heap\"}")) {
      assertThat(scrape.value(series))
          .as(series)
          .hasValueSatisfying(value -> assertThat(value).isPositive());
    }
    assertThat(scrape.series()).anyMatch(name -> name.startsWith("jvm_gc_collection_seconds_sum"));
  }

  @Test
  void aNodeThatServesIsAliveAndReady() throws Exception {
    assertThat(get("/livez", "")).endsWith("ok\n");
    assertThat(get("/healthz", "")).endsWith("ok\n");
    Eventually.until("ready", () -> ask("/readyz").equals("[+]socket ok\n[+]docker ok\nok\n"));
  }

  private static String row(String name, Head head) {
    boolean word = !Character.isUpperCase(head.help().charAt(1));
    String first = head.help().substring(0, 1);
    String help = (word ? first.toLowerCase(Locale.ROOT) : first) + head.help().substring(1);
    return "| `%s` | %s | %s |".formatted(name, head.type(), help);
  }

  private Scrape scrape() throws IOException, InterruptedException {
    return Scrape.of(get("/metrics", "text/plain"));
  }

  private String ask(String path) {
    try {
      return get(path, "");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String get(String path, String accept) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(server.address().getPort(), path));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (!accept.isEmpty()) {
      request.header("Accept", accept);
    }
    return client.send(request.build(), BodyHandlers.ofString()).body();
  }
}
