package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Encoded;
import dev.longshore.common.Latest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.ImageStatusResponse;
import dev.longshore.cri.v1.ListImagesRequest;
import dev.longshore.cri.v1.ListImagesResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.view.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which images are on this node. Answers come from the catalog, so most cost no Docker call; all
 * throw UNAVAILABLE while Docker is away. Thread-safe.
 */
public final class ImageQueries {
  private final DockerEngine engine;
  private final View view;
  private final ImageCatalog catalog;
  private final SandboxImage sandboxImage;
  private final Latest<Listed, Encoded> whole = new Latest<>();

  public ImageQueries(
      DockerEngine engine, View view, ImageCatalog catalog, SandboxImage sandboxImage) {
    this.engine = engine;
    this.view = view;
    this.catalog = catalog;
    this.sandboxImage = sandboxImage;
  }

  /**
   * One image, by any of its names or ids. An image that is not here is an answer without image.
   * Only details, which {@code verbose} wants, cost Docker requests: two.
   *
   * @throws CriException INVALID for a malformed reference or an unknown runtime handler
   */
  public ImageStatusResponse status(ImageStatusRequest request, Deadline deadline) {
    requireDocker();
    if (request.getImage().getImage().isEmpty()) {
      throw new CriException(Kind.INVALID, "cannot tell an image's status: image.image is empty");
    }
    Optional<EngineImage> found = find(request.getImage(), deadline);
    if (found.isEmpty()) {
      return ImageStatusResponse.getDefaultInstance();
    }
    boolean pinned = sandboxImage.id(deadline).equals(found.map(EngineImage::id));
    ImageStatusResponse.Builder response =
        ImageStatusResponse.newBuilder().setImage(ImageMessages.image(found.get(), pinned));
    if (request.getVerbose()) {
      response.putInfo(
          "info", ImageMessages.info(found.get(), engine.imageSpec(found.get().id(), deadline)));
    }
    return response.build();
  }

  /**
   * All images, or the one that the filter names in any way: a ListImagesResponse, and as well a
   * StreamImagesResponse. User and user name are left out: only an inspect knows them, and the
   * kubelet asks for them through {@link #status}.
   *
   * @throws CriException INVALID for a malformed reference in the filter
   */
  public Encoded list(ListImagesRequest request, Deadline deadline) {
    requireDocker();
    Optional<String> pinned = sandboxImage.id(deadline);
    ImageSpec filter = request.getFilter().getImage();
    if (!filter.getImage().isEmpty()) {
      return encoded(filtered(filter, deadline), pinned);
    }
    return whole.get(
        new Listed(catalog.all(deadline), pinned), l -> encoded(onePerId(l.images), l.pinned));
  }

  private static Encoded encoded(List<EngineImage> images, Optional<String> pinned) {
    return new Encoded(images.stream().map(image -> item(image, pinned)).toList());
  }

  private List<EngineImage> filtered(ImageSpec filter, Deadline deadline) {
    Optional<String> wanted = find(filter, deadline).map(EngineImage::id);
    return onePerId(catalog.all(deadline)).stream()
        .filter(image -> wanted.equals(Optional.of(image.id())))
        .toList();
  }

  private Optional<EngineImage> find(ImageSpec image, Deadline deadline) {
    view.health().engine().ifPresent(docker -> docker.runtimeOf(image.getRuntimeHandler()));
    return catalog.find(ImageReference.parse(image.getImage()).lookup(), deadline);
  }

  private static byte[] item(EngineImage image, Optional<String> pinned) {
    return ListImagesResponse.newBuilder()
        .addImages(ImageMessages.image(image, pinned.equals(Optional.of(image.id()))))
        .build()
        .toByteArray();
  }

  // containerd's image store lists an image once for each of its names.
  private static List<EngineImage> onePerId(List<EngineImage> images) {
    Map<String, EngineImage> byId = new LinkedHashMap<>();
    for (EngineImage image : images) {
      byId.merge(image.id(), image, ImageQueries::merged);
    }
    return List.copyOf(byId.values());
  }

  private static EngineImage merged(EngineImage a, EngineImage b) {
    return new EngineImage(
        a.id(),
        union(a.tags(), b.tags()),
        union(a.digests(), b.digests()),
        Math.max(a.sizeBytes(), b.sizeBytes()),
        a.user(),
        a.labels(),
        a.annotations());
  }

  private static List<String> union(List<String> a, List<String> b) {
    return Stream.concat(a.stream(), b.stream()).distinct().toList();
  }

  private void requireDocker() {
    var _ = view.snapshot();
  }

  /** What a whole list is made of. */
  private record Listed(List<EngineImage> images, Optional<String> pinned) {}
}
