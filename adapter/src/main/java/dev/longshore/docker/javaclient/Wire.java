package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import dev.longshore.docker.ApiVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Requests of our own making, with JSON both ways, over docker-java's transport. Blocking,
 * thread-safe. Throws {@link StatusException} for an answer that is not a success, and whatever the
 * transport throws.
 */
final class Wire {
  static final ObjectMapper JSON = new ObjectMapper();

  private final DockerHttpClient http;
  private final String prefix;

  Wire(DockerHttpClient http, ApiVersion version) {
    this(http, "/v" + version);
  }

  private Wire(DockerHttpClient http, String prefix) {
    this.http = http;
    this.prefix = prefix;
  }

  /** For the questions that precede the choice of a version. */
  static Wire unversioned(DockerHttpClient http) {
    return new Wire(http, "");
  }

  /** A text as it stands in a query. */
  static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * Asks for a sign of life and returns the header of that name, empty where there is none. The
   * body is read for the connection's sake: one with an unread answer cannot be used again.
   */
  String ping(String header) {
    try (Response response = open(Method.GET, "/_ping", Map.of())) {
      int _ = response.getBody().readAllBytes().length;
      return Optional.ofNullable(response.getHeader(header)).orElse("");
    } catch (IOException e) {
      throw new TransportException(e);
    }
  }

  JsonNode get(String path) {
    try (Response response = open(Method.GET, path, Map.of())) {
      return JSON.readTree(response.getBody().readAllBytes());
    } catch (IOException e) {
      throw new TransportException(e);
    }
  }

  JsonNode post(String path, JsonNode body) {
    try (Response response = open(path, body)) {
      return JSON.readTree(response.getBody().readAllBytes());
    } catch (IOException e) {
      throw new TransportException(e);
    }
  }

  /** The answer with its body unread, to be closed by the caller. */
  Response open(Method method, String path, Map<String, String> headers) {
    Request.Builder request = Request.builder();
    request.method(method).path(prefix + path).putAllHeaders(headers);
    return opened(request.build());
  }

  /** The same for a POST that carries JSON. */
  Response open(String path, JsonNode body) {
    Request.Builder request = Request.builder();
    request
        .method(Method.POST)
        .path(prefix + path)
        .putHeader("Content-Type", "application/json")
        .bodyBytes(bytes(body));
    return opened(request.build());
  }

  private Response opened(Request request) {
    Response response = http.execute(request);
    int status = response.getStatusCode();
    if (status >= 200 && status < 300) {
      return response;
    }
    try (response) {
      String text = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      throw new StatusException(status, message(text));
    } catch (IOException e) {
      throw new TransportException(e);
    }
  }

  /** Hands on each JSON value of a stream as it comes, until the stream ends. */
  static void values(InputStream in, Consumer<JsonNode> sink) throws IOException {
    try (MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(in)) {
      while (values.hasNextValue()) {
        sink.accept(values.nextValue());
      }
    }
  }

  /** The daemon's own words: its errors are {@code {"message": …}}. */
  static String message(String body) {
    try {
      JsonNode message = JSON.readTree(body).path("message");
      return message.isTextual() ? message.textValue().strip() : body.strip();
    } catch (JsonProcessingException e) {
      return body.strip();
    }
  }

  private static byte[] bytes(JsonNode body) {
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
