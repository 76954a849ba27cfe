package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.FilesystemIdentifier;
import dev.longshore.cri.v1.FilesystemUsage;
import dev.longshore.cri.v1.ImageFsInfoResponse;
import dev.longshore.cri.v1.UInt64Value;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.kernel.FilesystemUse;
import dev.longshore.view.View;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much disk the images take. One file system for images and containers: Docker has both under
 * its root directory, and the kubelet takes two different mount points for two disks.
 *
 * <p>Used bytes are the sum of the images' sizes as Docker lists them, at most what the whole file
 * system has in use. Limits: a layer that several images share counts once for each, and
 * containers' own writing does not count. Used inodes are those of the whole file system.
 */
public final class ImageFilesystems {
  private static final Logger log = LoggerFactory.getLogger(ImageFilesystems.class);

  private final View view;
  private final ImageCatalog catalog;

  public ImageFilesystems(View view, ImageCatalog catalog) {
    this.view = view;
    this.catalog = catalog;
  }

  /**
   * The usage now: one Docker call when images have changed since the last time, else none.
   *
   * @throws CriException UNAVAILABLE while Docker is away
   */
  public ImageFsInfoResponse info(Deadline deadline) {
    var _ = view.snapshot();
    String root =
        view.health()
            .engine()
            .map(EngineInfo::rootDir)
            .filter(dir -> !dir.isEmpty())
            .orElseThrow(
                () ->
                    new CriException(
                        Kind.UNAVAILABLE,
                        "cannot tell the disk usage of images: Docker has not said yet where it"
                            + " keeps its data; try again"));
    long images = catalog.all(deadline).stream().mapToLong(EngineImage::sizeBytes).sum();
    FilesystemUsage usage = usage(root, images, use(root));
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(usage)
        .addContainerFilesystems(usage)
        .build();
  }

  /** Pure. {@code use} is empty when the file system cannot be asked. */
  static FilesystemUsage usage(String root, long imageBytes, Optional<FilesystemUse> use) {
    long used = Math.min(imageBytes, use.map(FilesystemUse::usedBytes).orElse(imageBytes));
    Instant now = Instant.now();
    FilesystemUsage.Builder usage =
        FilesystemUsage.newBuilder()
            .setTimestamp(now.getEpochSecond() * 1_000_000_000L + now.getNano())
            .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(root))
            .setUsedBytes(UInt64Value.newBuilder().setValue(used));
    use.stream()
        .flatMapToLong(u -> u.inodesUsed().stream())
        .forEach(inodes -> usage.setInodesUsed(UInt64Value.newBuilder().setValue(inodes)));
    return usage.build();
  }

  private static Optional<FilesystemUse> use(String root) {
    try {
      return Optional.of(FilesystemUse.of(Path.of(root)));
    } catch (IOException e) {
      // A daemon in another mount namespace keeps its data where we cannot look.
      log.debug("the file system of Docker's root directory cannot be asked: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
