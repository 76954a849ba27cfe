package dev.longshore.container;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.Mount;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.FixedMount;
import dev.longshore.docker.ContainerSpec.ImageMount;
import dev.longshore.docker.ContainerSpec.MountSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.ImageLayers;
import dev.longshore.docker.ImageVolume;
import dev.longshore.kernel.MountInfo;
import dev.longshore.kernel.Processes;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Images as volumes of containers. Docker mounts them itself from API 1.48 on; for older ones the
 * image's layers are put together here ({@link MountedImages}) and the container gets a bind mount
 * of that. Whether the container really sees it is looked at once it runs: where Docker or
 * containerd has mounts of its own, it would see an empty folder. Thread-safe.
 */
public final class ImageVolumes {
  /** Docker says INVALID of a path that leads out of the image by {@code ..} or a link. */
  private static final Set<Kind> NO_SUCH_PATH =
      EnumSet.of(Kind.INTERNAL, Kind.NOT_FOUND, Kind.INVALID);

  private final ImageCatalog images;
  private final DockerEngine engine;
  private final MountedImages mounted;
  private final Processes processes;

  public ImageVolumes(
      ImageCatalog images, DockerEngine engine, MountedImages mounted, Processes processes) {
    this.images = images;
    this.engine = engine;
    this.mounted = mounted;
    this.processes = processes;
  }

  /**
   * The image volumes that a request asks for.
   *
   * @throws CriException INVALID for a wrong request, NAMED ({@code ImageVolumeMountFailed}) for an
   *     image that is not on this node
   */
  List<ImageVolume> of(ContainerConfig config, EngineInfo info, Deadline deadline) {
    return ImageVolumeSpecs.from(config, info, mount -> id(mount, deadline));
  }

  private String id(Mount mount, Deadline deadline) {
    String image = mount.getImage().getImage();
    return images
        .find(image, deadline)
        .map(EngineImage::id)
        .orElseThrow(
            () ->
                ImageVolumeSpecs.failure(
                    image, mount.getContainerPath(), "it is not on this node; pull it first"));
  }

  /**
   * The container with its images where Docker will find them. They stay there at least until the
   * answer is closed, and as long as a container of the view uses them.
   *
   * @throws CriException NAMED ({@code ImageVolumeMountFailed}) when an image cannot be mounted
   */
  Placed place(ContainerSpec spec, EngineInfo info, Deadline deadline) {
    Set<String> ids = new HashSet<>();
    if (!info.apiAtLeast(ApiVersion.IMAGE_MOUNTS)) {
      spec.mounts().forEach(mount -> imageId(mount).ifPresent(ids::add));
    }
    MountedImages.Hold hold = mounted.hold(ids);
    try {
      List<MountSpec> mounts = new ArrayList<>();
      for (MountSpec mount : spec.mounts()) {
        mounts.add(
            mount instanceof ImageMount image && ids.contains(image.imageId())
                ? new FixedMount(content(image, deadline).toString(), image.target())
                : mount);
      }
      return new Placed(ids.isEmpty() ? spec : spec.withMounts(mounts), hold);
    } catch (RuntimeException e) {
      hold.close();
      throw e;
    }
  }

  private static Optional<String> imageId(MountSpec mount) {
    return mount instanceof ImageMount image ? Optional.of(image.imageId()) : Optional.empty();
  }

  /** Mounts the image and finds the sub path in it. */
  private Path content(ImageMount image, Deadline deadline) {
    Path root = root(image.imageId(), image.target(), deadline);
    try {
      Path wanted = root.resolve(image.subPath()).toRealPath();
      if (!wanted.startsWith(root)) {
        throw failure(
            image, "its path \"%s\" leads out of it by a link".formatted(image.subPath()));
      }
      return wanted;
    } catch (NoSuchFileException e) {
      throw failure(image, "it has no path \"%s\"".formatted(image.subPath()));
    } catch (IOException e) {
      throw failure(image, "its path \"%s\" cannot be followed: %s".formatted(image.subPath(), e));
    }
  }

  private static CriException failure(ImageMount image, String why) {
    return ImageVolumeSpecs.failure(image.imageId(), image.target(), why);
  }

  private Path root(String imageId, String target, Deadline deadline) {
    try {
      return mounted.mount(imageId, layers(imageId, deadline));
    } catch (IOException e) {
      throw ImageVolumeSpecs.failure(imageId, target, String.valueOf(e.getMessage()));
    }
  }

  private List<Path> layers(String imageId, Deadline deadline) throws IOException {
    ImageLayers layers;
    try {
      layers = engine.layers(imageId, deadline);
    } catch (CriException e) {
      if (e.kind() != Kind.NOT_FOUND) {
        throw e;
      }
      images.invalidate();
      throw new IOException("it is not on this node any more; pull it again", e);
    }
    if (!layers.storageDriver().equals("overlay2") || layers.folders().isEmpty()) {
      throw new IOException(
          ("Docker before 28 cannot mount images, and of the storage driver %s its layers cannot be"
                  + " mounted either, only of overlay2; update Docker")
              .formatted(layers.storageDriver()));
    }
    for (Path folder : layers.folders()) {
      if (!Files.isDirectory(folder)) {
        throw new IOException(
            "its layer %s is not there, where Docker says it is: has Docker mounts of its own?"
                .formatted(folder));
      }
    }
    return layers.folders();
  }

  /**
   * To be called as soon as a container has been created, with what it was created from: Docker
   * looks for sub paths no earlier than at the start.
   *
   * @throws CriException NAMED ({@code ImageVolumeMountFailed}) for one that is not there; the
   *     container is removed then
   */
  void created(ContainerId id, ContainerSpec spec, Deadline deadline) {
    for (MountSpec mount : spec.mounts()) {
      if (mount instanceof ImageMount image && !image.subPath().isEmpty()) {
        try {
          engine.requirePath(id, image.target(), deadline);
        } catch (CriException e) {
          engine.remove(id, deadline);
          throw NO_SUCH_PATH.contains(e.kind())
              ? failure(
                  image,
                  "it has no path \"%s\", or one that leads out of it (%s)"
                      .formatted(image.subPath(), e.getMessage()))
              : e;
        }
      }
    }
  }

  /**
   * To be called before a container is started: mounts what a restart of the host took away.
   *
   * @throws CriException as {@link #place}
   */
  void beforeStart(ContainerView container, Deadline deadline) {
    for (ImageVolume volume : container.metadata().imageVolumes()) {
      if (container.engine().mounts().stream().anyMatch(mount -> isOurs(mount, volume))) {
        Path _ = root(volume.imageId(), volume.target(), deadline);
      }
    }
  }

  /**
   * To be called as soon as a container has started: looks whether it sees its images.
   *
   * @throws CriException NAMED ({@code ImageVolumeMountFailed}) when it does not
   */
  void started(ContainerView container) {
    List<ImageVolume> volumes = container.metadata().imageVolumes();
    if (volumes.isEmpty()
        || !(container.engine().state() instanceof EngineState.Running running)
        || !processes.isInCgroup(running.pid(), container.engine().id().value())) {
      // One that has ended had them: without the mount its source is not there, and no start is.
      return;
    }
    List<MountInfo> seen = processes.mounts(running.pid());
    for (ImageVolume volume : volumes) {
      container.engine().mounts().stream()
          .filter(mount -> isOurs(mount, volume))
          .forEach(mount -> require(volume, Path.of(mount.source()), seen));
    }
  }

  private void require(ImageVolume volume, Path source, List<MountInfo> seen) {
    Path content = mounted.folder(volume.imageId());
    String root = "/" + content.relativize(source);
    try {
      // Of the folder: overlayfs gives its files other numbers.
      String device = MountInfo.device(content);
      if (!seen.isEmpty()
          && seen.stream().noneMatch(m -> m.device().equals(device) && m.root().equals(root))) {
        throw ImageVolumeSpecs.failure(
            volume.image(),
            volume.target(),
            "the container sees something else there: Docker or containerd has mounts of its own,"
                + " which those made here do not reach; run them in the host's mount namespace");
      }
    } catch (IOException e) {
      throw ImageVolumeSpecs.failure(
          volume.image(), volume.target(), "the mount cannot be looked at: " + e);
    }
  }

  private boolean isOurs(MountPoint mount, ImageVolume volume) {
    return mount.type().equals("bind")
        && mount.target().equals(volume.target())
        && Path.of(mount.source()).startsWith(mounted.folder(volume.imageId()));
  }

  /** Docker's failure in the words of the CRI when it is about an image volume. */
  CriException explained(List<ImageVolume> volumes, CriException failure) {
    for (ImageVolume volume : volumes) {
      if (failure.getMessage().contains(mounted.folder(volume.imageId()).toString())) {
        return ImageVolumeSpecs.failure(
            volume.image(),
            volume.target(),
            "Docker or containerd does not see mounts that are made here, since it has mounts of"
                + " its own; run it in the host's mount namespace (%s)"
                    .formatted(failure.getMessage()));
      }
    }
    return failure;
  }

  /** Takes away what no container of the snapshot uses: leftovers of a crash. */
  public void forgetAllBut(Snapshot snapshot) {
    mounted.unmountAllBut(snapshot);
  }

  /** Takes away what only a removed container used; never blocks. */
  public void changed(Snapshot before, Snapshot after, ContainerId id) {
    boolean had =
        before.container(id.value()).stream()
            .anyMatch(container -> !container.metadata().imageVolumes().isEmpty());
    if (had && after.container(id.value()).isEmpty()) {
      Thread.ofVirtual().name("image volumes").start(mounted::unmountUnused);
    }
  }

  /** A container to create, and the hold on its images. */
  record Placed(ContainerSpec spec, MountedImages.Hold hold) implements AutoCloseable {
    @Override
    public void close() {
      hold.close();
    }
  }
}
