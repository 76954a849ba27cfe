package dev.longshore.tracing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.List;

/** Spans as an ExportTraceServiceRequest in the JSON of OTLP. Stateless. */
final class OtlpJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  // Status.StatusCode.
  private static final int ERROR = 2;

  private OtlpJson() {}

  static byte[] request(List<Ended> spans, String version) {
    ObjectNode request = JSON.createObjectNode();
    ObjectNode resource = request.putArray("resourceSpans").addObject();
    ArrayNode attributes = resource.putObject("resource").putArray("attributes");
    attribute(attributes, "service.name", "longshore");
    attribute(attributes, "service.version", version);
    ObjectNode scope = resource.putArray("scopeSpans").addObject();
    scope.putObject("scope").put("name", "dev.longshore");
    ArrayNode all = scope.putArray("spans");
    spans.forEach(span -> write(all.addObject(), span));
    try {
      return JSON.writeValueAsBytes(request);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(ObjectNode json, Ended span) {
    json.put("traceId", span.traceId()).put("spanId", span.spanId());
    if (!span.parentId().isEmpty()) {
      json.put("parentSpanId", span.parentId());
    }
    json.put("name", span.name())
        .put("kind", kind(span))
        // 64-bit numbers are strings in the JSON of protobuf.
        .put("startTimeUnixNano", Long.toString(span.startEpochNanos()))
        .put("endTimeUnixNano", Long.toString(span.endEpochNanos()));
    span.failure()
        .ifPresent(why -> json.putObject("status").put("code", ERROR).put("message", why));
  }

  /** Span.SpanKind. */
  private static int kind(Ended span) {
    return switch (span.kind()) {
      case INTERNAL -> 1;
      case SERVER -> 2;
      case CLIENT -> 3;
    };
  }

  private static void attribute(ArrayNode attributes, String key, String value) {
    attributes.addObject().put("key", key).putObject("value").put("stringValue", value);
  }
}
