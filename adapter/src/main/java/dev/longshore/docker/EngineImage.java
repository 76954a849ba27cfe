package dev.longshore.docker;

import java.util.List;
import java.util.Map;

/**
 * An image on this node.
 *
 * @param id {@code sha256:…}, in full
 * @param tags {@code repository:tag}; {@code <none>:<none>} is left out
 * @param digests {@code repository@sha256:…}; {@code <none>@<none>} is left out
 * @param user the image's USER; empty in answers of a list
 * @param labels empty in answers of a list
 */
public record EngineImage(
    String id,
    List<String> tags,
    List<String> digests,
    long sizeBytes,
    String user,
    Map<String, String> labels) {
  public EngineImage {
    tags = List.copyOf(tags);
    digests = List.copyOf(digests);
    labels = Map.copyOf(labels);
  }
}
