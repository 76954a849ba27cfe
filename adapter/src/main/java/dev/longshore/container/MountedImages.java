package dev.longshore.container;

import dev.longshore.common.CriException;
import dev.longshore.docker.ImageVolume;
import dev.longshore.kernel.LayerMounts;
import dev.longshore.view.Snapshot;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images that are mounted on this host, each once, in a folder of its id. There is no record of
 * them: an image is in use when a container of the view has it as a volume, or when a request holds
 * it; whatever else is found in the folder is a leftover. Thread-safe.
 */
public final class MountedImages {
  private static final Logger log = LoggerFactory.getLogger(MountedImages.class);
  private static final String ID_PREFIX = "sha256:";

  private final Path parent;
  private final LayerMounts mounts;
  private final Supplier<Snapshot> view;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Integer> held = new HashMap<>();

  /**
   * @param parent of the mounts' folders; made with the first of them
   * @param view throws UNAVAILABLE while it is not known which containers there are
   */
  public MountedImages(Path parent, LayerMounts mounts, Supplier<Snapshot> view) {
    this.parent = parent.toAbsolutePath().normalize();
    this.mounts = mounts;
    this.view = view;
  }

  /** The folder in which an image's content is, or would be. */
  Path folder(String imageId) {
    return place(imageId).resolve(LayerMounts.CONTENT);
  }

  /** Keeps those images mounted, once they are, until the answer is closed. */
  Hold hold(Set<String> imageIds) {
    lock.lock();
    try {
      imageIds.forEach(id -> held.merge(id, 1, Integer::sum));
    } finally {
      lock.unlock();
    }
    return () -> release(imageIds);
  }

  /**
   * Mounts an image that the caller holds, or that a container of the view uses.
   *
   * @return the folder of its content
   */
  Path mount(String imageId, List<Path> layers) throws IOException {
    Path place = place(imageId);
    lock.lock();
    try {
      if (mounts.isMounted(layers, place)) {
        return folder(imageId);
      }
      // Half a mount, or one of layers that were removed and pulled again.
      mounts.unmount(place);
      Files.createDirectories(place);
      return mounts.mount(layers, place);
    } finally {
      lock.unlock();
    }
  }

  /** Takes away what no container of the snapshot uses and nobody holds. */
  void unmountAllBut(Snapshot snapshot) {
    Set<String> used =
        snapshot.containers().stream()
            .flatMap(container -> container.metadata().imageVolumes().stream())
            .map(ImageVolume::imageId)
            .collect(Collectors.toSet());
    lock.lock();
    try {
      if (!Files.isDirectory(parent)) {
        return;
      }
      try (DirectoryStream<Path> places = Files.newDirectoryStream(parent)) {
        for (Path place : places) {
          String id = ID_PREFIX + place.getFileName();
          if (!used.contains(id) && !held.containsKey(id)) {
            unmount(place);
          }
        }
      }
    } catch (IOException e) {
      log.warn("the mounted images in {} cannot be listed: {}", parent, e.toString());
    } finally {
      lock.unlock();
    }
  }

  /** The same for the containers there are now; without an answer of Docker, later. */
  void unmountUnused() {
    try {
      unmountAllBut(view.get());
    } catch (CriException e) {
      log.debug("mounted images are looked at when Docker is back: {}", e.getMessage());
    }
  }

  private void release(Set<String> imageIds) {
    lock.lock();
    try {
      imageIds.forEach(id -> held.computeIfPresent(id, (_, n) -> n == 1 ? null : n - 1));
    } finally {
      lock.unlock();
    }
    if (!imageIds.isEmpty()) {
      unmountUnused();
    }
  }

  private void unmount(Path place) {
    try {
      mounts.unmount(place);
      Files.deleteIfExists(place);
    } catch (IOException e) {
      log.warn("the image mounted at {} cannot be taken away: {}", place, e.toString());
    }
  }

  private Path place(String imageId) {
    return parent.resolve(
        imageId.startsWith(ID_PREFIX) ? imageId.substring(ID_PREFIX.length()) : imageId);
  }

  /** Keeps images mounted. */
  interface Hold extends AutoCloseable {
    @Override
    void close();
  }
}
