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
 * @param annotations of the descriptor by which containerd's image store knows the image; empty in
 *     answers of a list and of Docker's own store
 */
public record EngineImage(
    String id,
    List<String> tags,
    List<String> digests,
    long sizeBytes,
    String user,
    Map<String, String> labels,
    Map<String, String> annotations) {
  /** Without annotations. */
  public EngineImage(
      String id,
      List<String> tags,
      List<String> digests,
      long sizeBytes,
      String user,
      Map<String, String> labels) {
    this(id, tags, digests, sizeBytes, user, labels, Map.of());
  }

  public EngineImage {
    tags = List.copyOf(tags);
    digests = List.copyOf(digests);
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }
}
