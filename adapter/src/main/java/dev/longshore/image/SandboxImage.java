package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.ImageCatalog;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The image that every sandbox runs: on the node when it is needed, and never garbage. */
public final class SandboxImage {
  private final ImageReference reference;
  private final ImageCatalog catalog;
  private final PullImage pullImage;
  private final NodeCredentials credentials;

  /**
   * @param reference name or id, as the option gives it
   * @param credentialFiles files of Docker's {@code config.json} form, first match counts: nobody
   *     sends credentials for this image
   * @throws CriException INVALID when {@code reference} is malformed
   */
  public SandboxImage(
      String reference, ImageCatalog catalog, PullImage pullImage, List<Path> credentialFiles) {
    this.reference = ImageReference.parse(reference);
    this.catalog = catalog;
    this.pullImage = pullImage;
    this.credentials = new NodeCredentials(credentialFiles);
  }

  /**
   * The image's id; pulls the image when it is not on this node.
   *
   * @throws CriException as {@link PullImage#handle}
   */
  public String ensure(Deadline deadline) {
    Optional<String> id = id(deadline);
    if (id.isPresent()) {
      return id.get();
    }
    return switch (reference) {
      case ImageReference.Name name -> pullImage.pull(name, credentials.find(name), deadline);
      case ImageReference.Id missing ->
          throw new CriException(
              Kind.NOT_FOUND,
              ("the sandbox image %s is not on this node, and cannot be pulled by its id;"
                      + " give --pod-infra-container-image a name")
                  .formatted(missing.lookup()));
    };
  }

  /** The image's id; empty when it is not on this node. */
  Optional<String> id(Deadline deadline) {
    return catalog.find(reference.lookup(), deadline).map(EngineImage::id);
  }
}
