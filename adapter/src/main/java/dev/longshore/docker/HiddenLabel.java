package dev.longshore.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The value of {@link KubeLabels#LONGSHORE}: a JSON object with a version. Readers ignore fields
 * they do not know; a change that old readers would misread gets a new version.
 *
 * @param sandboxId of the container it was written for; empty on a sandbox
 * @param lostLabels those whose key Docker's labels hold with another value, or not at all
 */
record HiddenLabel(
    String sandboxId,
    Set<String> labelKeys,
    Set<String> annotationKeys,
    Map<String, String> lostLabels,
    Optional<String> runtimeHandler,
    String imageName,
    String requestHash,
    Map<String, String> kernelLimits,
    List<ImageVolume> imageVolumes) {
  private static final int VERSION = 1;
  private static final ObjectMapper JSON = new ObjectMapper();

  HiddenLabel {
    labelKeys = Set.copyOf(labelKeys);
    annotationKeys = Set.copyOf(annotationKeys);
    lostLabels = Map.copyOf(lostLabels);
    kernelLimits = Map.copyOf(kernelLimits);
    imageVolumes = List.copyOf(imageVolumes);
  }

  /** Equal labels give equal texts: keys are sorted. */
  String toJson() {
    ObjectNode root = JSON.createObjectNode().put("v", VERSION).put("sandbox", sandboxId);
    addSorted(root.putArray("labels"), labelKeys);
    addSorted(root.putArray("annotations"), annotationKeys);
    if (!lostLabels.isEmpty()) {
      ObjectNode lost = root.putObject("lost");
      new TreeMap<>(lostLabels).forEach(lost::put);
    }
    if (!kernelLimits.isEmpty()) {
      ObjectNode limits = root.putObject("limits");
      new TreeMap<>(kernelLimits).forEach(limits::put);
    }
    for (ImageVolume volume : imageVolumes) {
      root.withArray("/volumes")
          .addObject()
          .put("target", volume.target())
          .put("image", volume.image())
          .put("id", volume.imageId())
          .put("path", volume.subPath());
    }
    runtimeHandler.ifPresent(handler -> root.put("handler", handler));
    return root.put("image", imageName).put("hash", requestHash).toString();
  }

  /** Empty for a text of another form or version. */
  static Optional<HiddenLabel> parse(String json) {
    try {
      JsonNode root = JSON.readTree(json);
      if (root.path("v").asInt() != VERSION) {
        return Optional.empty();
      }
      return Optional.of(
          new HiddenLabel(
              text(root.path("sandbox")),
              texts(root.path("labels")),
              texts(root.path("annotations")),
              fields(root.path("lost")),
              root.has("handler") ? Optional.of(text(root.path("handler"))) : Optional.empty(),
              text(root.path("image")),
              text(root.path("hash")),
              fields(root.path("limits")),
              volumes(root.path("volumes"))));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void addSorted(ArrayNode array, Collection<String> keys) {
    new TreeSet<>(keys).forEach(array::add);
  }

  private static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw new IllegalArgumentException("not a text: " + node);
    }
    return node.textValue();
  }

  private static Set<String> texts(JsonNode node) {
    if (!node.isArray()) {
      throw new IllegalArgumentException("not an array: " + node);
    }
    Set<String> texts = new HashSet<>();
    node.forEach(item -> texts.add(text(item)));
    return texts;
  }

  private static List<ImageVolume> volumes(JsonNode node) {
    List<ImageVolume> volumes = new ArrayList<>();
    for (JsonNode item : node) {
      volumes.add(
          new ImageVolume(
              text(item.path("target")),
              text(item.path("image")),
              text(item.path("id")),
              text(item.path("path"))));
    }
    return volumes;
  }

  private static Map<String, String> fields(JsonNode node) {
    Map<String, String> fields = new HashMap<>();
    node.properties().forEach(field -> fields.put(field.getKey(), text(field.getValue())));
    return fields;
  }
}
