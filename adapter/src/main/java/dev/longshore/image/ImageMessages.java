package dev.longshore.image;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.longshore.cri.v1.Image;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Int64Value;
import dev.longshore.docker.EngineImage;
import java.util.Optional;
import java.util.TreeMap;

/** Docker's images as CRI messages. Pure. */
final class ImageMessages {
  private ImageMessages() {}

  /** {@code pinned}: the kubelet's garbage collection leaves the image alone. */
  static Image image(EngineImage image, boolean pinned) {
    Image.Builder message =
        Image.newBuilder()
            .setId(image.id())
            // Sorted: two answers about one image are equal, in whatever order Docker has them.
            .addAllRepoTags(image.tags().stream().sorted().toList())
            .addAllRepoDigests(image.digests().stream().sorted().toList())
            // The kubelet refuses an image of size 0 (a scratch image may have it).
            .setSize(Math.max(1, image.sizeBytes()))
            .setPinned(pinned);
    if (!image.annotations().isEmpty()) {
      message.setSpec(ImageSpec.newBuilder().putAllAnnotations(image.annotations()));
    }
    setUser(message, image.user());
    return message.build();
  }

  /**
   * Details for people, as JSON: a stable order of keys.
   *
   * @param imageSpec the image's configuration, JSON too
   */
  static String info(EngineImage image, String imageSpec) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    ObjectNode labels = nodes.objectNode();
    new TreeMap<>(image.labels()).forEach(labels::put);
    ObjectNode info = nodes.objectNode();
    info.put("id", image.id()).put("sizeBytes", image.sizeBytes()).put("user", image.user());
    info.set("labels", labels);
    info.putRawValue("imageSpec", new RawValue(imageSpec));
    return info.toString();
  }

  // Docker's USER is user[:group], each a number or a name; the CRI has the user's part, in one
  // field or the other. Neither set means root.
  private static void setUser(Image.Builder message, String user) {
    int colon = user.indexOf(':');
    String name = colon < 0 ? user : user.substring(0, colon);
    uid(name)
        .ifPresentOrElse(
            uid -> message.setUid(Int64Value.newBuilder().setValue(uid)),
            () -> message.setUsername(name));
  }

  private static Optional<Long> uid(String name) {
    try {
      return Optional.of(Long.parseLong(name));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }
}
