package dev.longshore.image;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.InFlight;
import dev.longshore.cri.v1.RemoveImageRequest;
import dev.longshore.cri.v1.RemoveImageResponse;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.KubeName;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Removes an image with all its names, whichever of them the request has: so the CRI puts it, and
 * so containerd does. An image that is not here is removed already. An image in use stays, with all
 * its names. Thread-safe.
 */
public final class RemoveImage {
  private static final Duration BUDGET = Duration.ofMinutes(2);

  private final DockerEngine engine;
  private final View view;
  private final ImageCatalog catalog;
  private final InFlight<String, Boolean> removals = new InFlight<>("the removal of image");

  public RemoveImage(DockerEngine engine, View view, ImageCatalog catalog) {
    this.engine = engine;
    this.view = view;
    this.catalog = catalog;
  }

  /**
   * Removes the image, unless a container uses it.
   *
   * @throws CriException INVALID for a malformed reference or an unknown runtime handler, NOT_READY
   *     when a container uses the image, UNAVAILABLE while Docker is away
   */
  public RemoveImageResponse handle(RemoveImageRequest request, Deadline deadline) {
    String text = request.getImage().getImage();
    if (text.isEmpty()) {
      throw new CriException(Kind.INVALID, "cannot remove an image: image.image is empty");
    }
    Snapshot snapshot = view.snapshot();
    view.health()
        .engine()
        .ifPresent(docker -> docker.runtimeOf(request.getImage().getRuntimeHandler()));
    Optional<EngineImage> image = catalog.find(ImageReference.parse(text).lookup(), deadline);
    if (image.isPresent()) {
      requireUnused(text, image.get(), snapshot);
      boolean _ = removals.join(image.get().id(), deadline, () -> remove(text, image.get()));
    }
    return RemoveImageResponse.getDefaultInstance();
  }

  private static void requireUnused(String text, EngineImage image, Snapshot snapshot) {
    Stream<KubeName> users =
        Stream.concat(
            snapshot.containers().stream().filter(c -> uses(c, image.id())).map(c -> c.name()),
            snapshot.sandboxes().stream()
                .filter(s -> s.engine().imageId().equals(image.id()))
                .map(s -> s.name()));
    users
        .findFirst()
        .ifPresent(
            user -> {
              throw new CriException(
                  Kind.NOT_READY,
                  ("cannot remove image %s: container %s of pod %s/%s uses it;"
                          + " remove that container first")
                      .formatted(text, user.container(), user.namespace(), user.pod()));
            });
  }

  private static boolean uses(ContainerView container, String imageId) {
    return container.engine().imageId().equals(imageId)
        || container.metadata().imageVolumes().stream()
            .anyMatch(volume -> volume.imageId().equals(imageId));
  }

  private boolean remove(String text, EngineImage image) {
    Deadline deadline = Deadline.in(BUDGET);
    try {
      engine.removeImage(image.id(), false, deadline);
    } catch (CriException e) {
      if (e.kind() != Kind.NOT_READY || image.tags().size() + image.digests().size() < 2) {
        throw e;
      }
      // Docker wants force for an image with names in several repositories, and with force it no
      // longer minds containers that do not run.
      requireNoContainer(text, engine.containersOf(image.id(), deadline));
      engine.removeImage(image.id(), true, deadline);
    } finally {
      catalog.invalidate();
    }
    return true;
  }

  private static void requireNoContainer(String text, List<ContainerId> users) {
    if (!users.isEmpty()) {
      throw new CriException(
          Kind.NOT_READY,
          "cannot remove image %s: container %s uses it; remove that container first"
              .formatted(text, users.getFirst().shortForm()));
    }
  }
}
