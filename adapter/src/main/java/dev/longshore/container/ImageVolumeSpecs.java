package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.require;
import static dev.longshore.container.Requests.requireAbsolute;
import static dev.longshore.container.Requests.unsupported;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.docker.ContainerSpec.ImageMount;
import dev.longshore.docker.ContainerSpec.MountSpec;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageVolume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Mounts of images ({@code Mount.image}) in requests and statuses. Pure. */
final class ImageVolumeSpecs {
  private ImageVolumeSpecs() {}

  /**
   * The image volumes of a request.
   *
   * @param ids the id of an image by its name in the request
   * @throws CriException INVALID for a wrong request, and what {@code ids} throws
   */
  static List<ImageVolume> from(
      ContainerConfig config, EngineInfo info, Function<Mount, String> ids) {
    List<ImageVolume> volumes = new ArrayList<>();
    for (int i = 0; i < config.getMountsCount(); i++) {
      Mount mount = config.getMounts(i);
      String field = "config.mounts[%d]".formatted(i);
      if (mount.hasImage()) {
        check(field, mount);
        String _ = info.runtimeOf(mount.getImage().getRuntimeHandler());
        volumes.add(
            new ImageVolume(
                mount.getContainerPath(),
                mount.getImage().getImage(),
                ids.apply(mount),
                relative(field + ".image_sub_path", mount.getImageSubPath())));
      } else if (!mount.getImageSubPath().isEmpty()) {
        throw invalid(field + ".image_sub_path", "the mount is not of an image");
      }
    }
    return volumes;
  }

  /** As Docker's own mounts of images. */
  static List<MountSpec> mounts(List<ImageVolume> volumes) {
    return volumes.stream()
        .<MountSpec>map(v -> new ImageMount(v.imageId(), v.target(), v.subPath()))
        .toList();
  }

  static Mount toCri(ImageVolume volume) {
    return Mount.newBuilder()
        .setContainerPath(volume.target())
        .setReadonly(true)
        .setImage(ImageSpec.newBuilder().setImage(volume.image()).setImageRef(volume.imageId()))
        .setImageSubPath(volume.subPath())
        .build();
  }

  /** The failure by the name that the kubelet shows as the reason of the pod's failure. */
  static CriException failure(String image, String target, String why) {
    return new CriException(
        Kind.NAMED,
        "ImageVolumeMountFailed: image %s cannot be mounted at %s: %s"
            .formatted(image, target, why));
  }

  private static void check(String field, Mount mount) {
    requireAbsolute(field + ".container_path", mount.getContainerPath());
    String _ = require(field + ".image.image", mount.getImage().getImage());
    if (!mount.getHostPath().isEmpty()) {
      throw invalid(field + ".host_path", "the mount is of an image, which has none");
    }
    if (!mount.getReadonly()) {
      throw invalid(field + ".readonly", "images are mounted read-only");
    }
    if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
      throw invalid(field + ".propagation", "nothing is mounted below an image");
    }
    if (mount.getUidMappingsCount() > 0 || mount.getGidMappingsCount() > 0) {
      throw unsupported(field + ".uidMappings", "Docker has no id-mapped mounts");
    }
  }

  private static String relative(String field, String text) {
    Path path = Path.of(text).normalize();
    if (path.isAbsolute() || path.startsWith("..")) {
      throw invalid(field, "\"%s\" leads out of the image".formatted(text));
    }
    return path.toString();
  }
}
