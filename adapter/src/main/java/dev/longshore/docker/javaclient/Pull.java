package dev.longshore.docker.javaclient;

import static dev.longshore.docker.javaclient.Fields.integer;
import static dev.longshore.docker.javaclient.Fields.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import dev.longshore.common.CriException;
import dev.longshore.docker.DockerEngine.PullListener;
import dev.longshore.docker.RegistryAuth;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** One pull of an image: the request, its messages, and what its failures mean. */
final class Pull {
  private final String reference;

  Pull(String reference) {
    this.reference = ImageReference.complete(reference);
  }

  /** Reads messages until the pull has ended. */
  void run(Wire wire, Optional<RegistryAuth> auth, PullListener listener) throws IOException {
    String path = "/images/create?fromImage=" + Wire.query(reference);
    Map<String, String> headers =
        auth.map(a -> Map.of("X-Registry-Auth", encoded(a))).orElse(Map.of());
    try (Response response = open(wire, path, headers)) {
      Wire.values(response.getBody(), message -> hear(message, listener));
    }
  }

  private Response open(Wire wire, String path, Map<String, String> headers) {
    try {
      return wire.open(Method.POST, path, headers);
    } catch (StatusException e) {
      throw failure(e.status(), e.said());
    }
  }

  private void hear(JsonNode message, PullListener listener) {
    JsonNode detail = message.path("errorDetail");
    String error =
        text(detail, "message").isEmpty() ? text(message, "error") : text(detail, "message");
    if (!error.isEmpty()) {
      throw failure((int) integer(detail, "code"), error);
    }
    JsonNode counts = message.path("progressDetail");
    listener.progress(
        text(message, "id"),
        text(message, "status"),
        integer(counts, "current"),
        integer(counts, "total"));
  }

  private CriException failure(int status, String message) {
    return PullFailures.explain(reference, status, message);
  }

  /** As {@code docker login} would have it stored, in URL-safe base64. */
  private static String encoded(RegistryAuth auth) {
    ObjectNode json = Wire.JSON.createObjectNode();
    json.put("username", auth.username());
    json.put("password", auth.password());
    json.put("serveraddress", auth.serverAddress());
    json.put("identitytoken", auth.identityToken());
    json.put("registrytoken", auth.registryToken());
    return Base64.getUrlEncoder().encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
  }
}
