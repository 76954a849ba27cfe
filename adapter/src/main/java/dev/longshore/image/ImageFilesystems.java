package dev.longshore.image;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.FilesystemIdentifier;
import dev.longshore.cri.v1.FilesystemUsage;
import dev.longshore.cri.v1.ImageFsInfoResponse;
import dev.longshore.cri.v1.UInt64Value;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.kernel.FilesystemUse;
import dev.longshore.kernel.TreeUse;
import dev.longshore.view.View;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much disk images and containers take. One file system for both: Docker has their layers in
 * one folder, and the kubelet takes two different mount points for two disks.
 *
 * <p>Known are the layers as they were looked at lately ({@link LayerUses}): bytes and inodes that
 * are allocated, as du(1) counts them. Until then, and where layers are not to be seen, images are
 * the sum of their sizes as Docker lists them, at most what the whole file system has in use; and
 * that, while Docker takes long to list them.
 */
public final class ImageFilesystems {
  private static final Logger log = LoggerFactory.getLogger(ImageFilesystems.class);

  private static final Duration PATIENCE = Duration.ofMillis(500);

  private final View view;
  private final ImageCatalog catalog;
  private final LayerUses layers;

  public ImageFilesystems(View view, ImageCatalog catalog, LayerUses layers) {
    this.view = view;
    this.catalog = catalog;
    this.layers = layers;
  }

  /**
   * The usage lately: one Docker call at most, when it has to be estimated and images have changed.
   *
   * @throws CriException UNAVAILABLE while Docker is away
   */
  public ImageFsInfoResponse info(Deadline deadline) {
    var _ = view.snapshot();
    return layers.lately().map(ImageFilesystems::known).orElseGet(() -> estimated(deadline));
  }

  private static ImageFsInfoResponse known(LayerUse use) {
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(usage(use, use.images()))
        .addContainerFilesystems(usage(use, use.containers()))
        .build();
  }

  private ImageFsInfoResponse estimated(Deadline deadline) {
    Path root =
        view.health()
            .engine()
            .filter(docker -> !docker.rootDir().isEmpty())
            .map(layers::root)
            .orElseThrow(
                () ->
                    new CriException(
                        Kind.UNAVAILABLE,
                        "cannot tell the disk usage of images: Docker has not said yet where it"
                            + " keeps its data; try again"));
    Optional<FilesystemUse> use = use(root);
    FilesystemUsage usage = usage(root.toString(), imageBytes(use, deadline), use);
    return ImageFsInfoResponse.newBuilder()
        .addImageFilesystems(usage)
        .addContainerFilesystems(usage)
        .build();
  }

  /** With containerd's image store a list of 500 images takes Docker some seconds. */
  private long imageBytes(Optional<FilesystemUse> use, Deadline deadline) {
    try {
      return catalog.all(use.isPresent() ? deadline.atMost(PATIENCE) : deadline).stream()
          .mapToLong(EngineImage::sizeBytes)
          .sum();
    } catch (CriException e) {
      if (e.kind() != Kind.TIMED_OUT || use.isEmpty()) {
        throw e;
      }
      return use.get().usedBytes();
    }
  }

  private static FilesystemUsage usage(LayerUse looked, TreeUse use) {
    return usage(looked.time(), looked.root().toString(), use.bytes())
        .setInodesUsed(UInt64Value.newBuilder().setValue(use.inodes()))
        .build();
  }

  /** Pure. {@code use} is empty when the file system cannot be asked. */
  static FilesystemUsage usage(String root, long imageBytes, Optional<FilesystemUse> use) {
    long used = Math.min(imageBytes, use.map(FilesystemUse::usedBytes).orElse(imageBytes));
    FilesystemUsage.Builder usage = usage(Instant.now(), root, used);
    use.stream()
        .flatMapToLong(u -> u.inodesUsed().stream())
        .forEach(inodes -> usage.setInodesUsed(UInt64Value.newBuilder().setValue(inodes)));
    return usage.build();
  }

  private static FilesystemUsage.Builder usage(Instant time, String mountpoint, long bytes) {
    return FilesystemUsage.newBuilder()
        .setTimestamp(time.getEpochSecond() * 1_000_000_000L + time.getNano())
        .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(mountpoint))
        .setUsedBytes(UInt64Value.newBuilder().setValue(bytes));
  }

  private static Optional<FilesystemUse> use(Path root) {
    try {
      return Optional.of(FilesystemUse.of(root));
    } catch (IOException e) {
      // A daemon in another mount namespace keeps its data where we cannot look.
      log.debug("the file system of Docker's root directory cannot be asked: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
