package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.ContainerSpec;

/** The body of a create request, for tests elsewhere. */
public final class CreateJson {
  private CreateJson() {}

  /** As a daemon of that API version gets it. */
  public static JsonNode of(ContainerSpec spec, String apiVersion) {
    return ContainerJson.create(spec, ApiVersion.parse(apiVersion).orElseThrow());
  }
}
