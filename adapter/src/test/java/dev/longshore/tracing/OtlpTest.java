package dev.longshore.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.longshore.FakeNode;
import dev.longshore.common.CriException;
import dev.longshore.common.Eventually;
import dev.longshore.common.Trace;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.logging.CapturedLog;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's traces, as a receiver of OTLP gets them. */
class OtlpTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String KUBELETS_SPAN = "b7ad6b7169203331";

  private final List<JsonNode> spans = new CopyOnWriteArrayList<>();
  private final List<JsonNode> resources = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private HttpServer receiver;
  private OtlpRecorder recorder;
  private FakeNode node;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/v1/traces", this::receive);
    receiver.start();
    URI endpoint = URI.create("http://127.0.0.1:" + receiver.getAddress().getPort());
    recorder = OtlpRecorder.start(endpoint, "1.2.3", Duration.ofMillis(1));
    Trace.recordBy(Optional.of(recorder));
    node = new FakeNode(folder).ready();
  }

  @AfterEach
  void stop() {
    node.close();
    Trace.recordBy(Optional.empty());
    recorder.close();
    receiver.stop(0);
  }

  private void receive(HttpExchange exchange) throws IOException {
    JsonNode body = new ObjectMapper().readTree(exchange.getRequestBody());
    JsonNode resource = body.path("resourceSpans").path(0);
    resources.add(resource.path("resource"));
    resource.path("scopeSpans").path(0).path("spans").forEach(spans::add);
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  @Test
  void aCallIsWithinTheKubeletsTraceAndHasItsDockerRequestsBelowIt() {
    run("00-%s-%s-01".formatted(TRACE, KUBELETS_SPAN));

    JsonNode call = await("RunPodSandbox");
    assertThat(call.path("traceId").asText()).isEqualTo(TRACE);
    assertThat(call.path("parentSpanId").asText()).isEqualTo(KUBELETS_SPAN);
    assertThat(call.path("kind").asInt()).isEqualTo(2);
    assertThat(call.has("status")).isFalse();
    for (String request : List.of("docker create", "docker start", "docker inspect")) {
      JsonNode step = await(request);
      assertThat(step.path("traceId").asText()).isEqualTo(TRACE);
      assertThat(step.path("parentSpanId").asText()).isEqualTo(call.path("spanId").asText());
      assertThat(step.path("kind").asInt()).isEqualTo(3);
      assertThat(nanos(step, "startTimeUnixNano"))
          .isBetween(nanos(call, "startTimeUnixNano"), nanos(step, "endTimeUnixNano"));
    }
    assertThat(resources.getFirst().path("attributes"))
        .anyMatch(
            attribute ->
                attribute.path("key").asText().equals("service.name")
                    && attribute.path("value").path("stringValue").asText().equals("longshore"));
  }

  @Test
  void aCallThatTheCallerDoesNotSampleIsNotRecorded() {
    run("00-%s-%s-00".formatted(TRACE, KUBELETS_SPAN));
    stopUnknown();
    assertThat(await("StopContainer").path("parentSpanId").isMissingNode()).isTrue();
    assertThat(spans).noneMatch(span -> span.path("name").asText().equals("RunPodSandbox"));
  }

  @Test
  void withoutACallersWordChangesAreRecordedAndReadsAreNot() {
    var _ =
        node.client()
            .runtime(
                LIMIT, stub -> stub.listContainers(ListContainersRequest.getDefaultInstance()));
    stopUnknown();
    JsonNode failed = await("StopContainer");
    assertThat(failed.path("traceId").asText()).hasSize(32);
    assertThat(spans).noneMatch(span -> span.path("name").asText().equals("ListContainers"));
  }

  @Test
  void aFailureIsTold() {
    node.docker.failNext(
        "create", new CriException(CriException.Kind.INTERNAL, "the disk is full"));
    assertThatThrownBy(() -> run("")).isInstanceOf(CriException.class);
    JsonNode failed = await("RunPodSandbox");
    assertThat(failed.path("status").path("code").asInt()).isEqualTo(2);
    assertThat(failed.path("status").path("message").asText()).contains("the disk is full");
  }

  @Test
  void aReceiverThatRefusesIsToldOfOnce() {
    status = 503;
    try (CapturedLog log = new CapturedLog()) {
      for (int i = 1; i <= 3; i++) {
        stopUnknown();
        int sent = i;
        Eventually.until("it is refused", () -> resources.size() >= sent);
      }
      assertThat(log.lines())
          .filteredOn(line -> line.contains("traces do not reach"))
          .singleElement()
          .asString()
          .endsWith("it answers 503");
    }
  }

  private void run(String traceparent) {
    RunPodSandboxRequest request =
        RunPodSandboxRequest.newBuilder()
            .setConfig(
                PodSandboxConfig.newBuilder()
                    .setMetadata(
                        PodSandboxMetadata.newBuilder()
                            .setName("web")
                            .setNamespace("shop")
                            .setUid("u-1")))
            .build();
    Metadata headers = new Metadata();
    if (!traceparent.isEmpty()) {
      headers.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), traceparent);
    }
    var _ =
        node.client()
            .runtime(
                LIMIT,
                stub ->
                    stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .runPodSandbox(request));
  }

  private void stopUnknown() {
    StopContainerRequest request =
        StopContainerRequest.newBuilder().setContainerId("f".repeat(64)).build();
    var _ = node.client().runtime(LIMIT, stub -> stub.stopContainer(request));
  }

  private JsonNode await(String name) {
    Eventually.until(name + " is received", () -> find(name).isPresent());
    return find(name).orElseThrow();
  }

  private Optional<JsonNode> find(String name) {
    return spans.stream().filter(span -> span.path("name").asText().equals(name)).findFirst();
  }

  private static long nanos(JsonNode span, String field) {
    return Long.parseLong(span.path(field).asText());
  }
}
