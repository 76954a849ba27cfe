package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.requireAbsolute;
import static dev.longshore.container.Requests.unsupported;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.Device;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.docker.ContainerSpec.BindMount;
import dev.longshore.docker.ContainerSpec.DeviceSpec;
import dev.longshore.docker.EngineContainer.MountPoint;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Mounts and devices, CRI's to Docker's, and the mounts back. */
final class MountSpecs {
  private static final Pattern PERMISSIONS = Pattern.compile("[rwm]{1,3}");

  /** Types that stand for a mount of the request; volumes come from the image. */
  private static final Set<String> REQUESTED_TYPES = Set.of("bind", "image");

  private MountSpecs() {}

  static List<BindMount> mounts(ContainerConfig config) {
    return IntStream.range(0, config.getMountsCount())
        .mapToObj(i -> mount("config.mounts[%d]".formatted(i), config.getMounts(i)))
        .toList();
  }

  static List<DeviceSpec> devices(ContainerConfig config) {
    if (config.getCDIDevicesCount() > 0) {
      throw unsupported(
          "config.CDI_devices",
          "%s cannot be injected yet".formatted(config.getCDIDevices(0).getName()));
    }
    return IntStream.range(0, config.getDevicesCount())
        .mapToObj(i -> device("config.devices[%d]".formatted(i), config.getDevices(i)))
        .toList();
  }

  /** The mounts the request asked for, as Docker made them. */
  static List<Mount> toCri(List<MountPoint> docker) {
    return docker.stream()
        .filter(mount -> REQUESTED_TYPES.contains(mount.type()))
        .map(
            mount ->
                Mount.newBuilder()
                    .setContainerPath(mount.target())
                    .setHostPath(mount.source())
                    .setReadonly(!mount.writable())
                    .setPropagation(propagationToCri(mount.propagation()))
                    .build())
        .toList();
  }

  /** The mounts of a container just created; Docker's default propagation is rprivate. */
  static List<MountPoint> asMade(List<BindMount> mounts) {
    return mounts.stream()
        .map(
            mount ->
                new MountPoint(
                    "bind",
                    mount.source(),
                    mount.target(),
                    !mount.readonly(),
                    mount.propagation().isEmpty() ? "rprivate" : mount.propagation()))
        .toList();
  }

  private static BindMount mount(String field, Mount mount) {
    requireAbsolute(field + ".container_path", mount.getContainerPath());
    if (mount.hasImage()) {
      // The kubelet shows what follows the prefix as the reason of the pod's failure.
      throw new CriException(
          Kind.UNSUPPORTED,
          "ImageVolumeMountFailed: %s: image %s cannot be mounted at %s: image volumes are not offered yet"
              .formatted(field, mount.getImage().getImage(), mount.getContainerPath()));
    }
    requireAbsolute(field + ".host_path", mount.getHostPath());
    if (mount.getUidMappingsCount() > 0 || mount.getGidMappingsCount() > 0) {
      throw unsupported(field + ".uidMappings", "Docker has no id-mapped mounts");
    }
    if (mount.getRecursiveReadOnly()) {
      throw recursiveReadOnly(field, mount);
    }
    return new BindMount(
        mount.getHostPath(),
        mount.getContainerPath(),
        mount.getReadonly(),
        propagation(field, mount.getPropagation()));
  }

  /** A wrong request is told from one that cannot be met, as CRI wants it. */
  private static CriException recursiveReadOnly(String field, Mount mount) {
    if (!mount.getReadonly()) {
      return invalid(field + ".recursive_read_only", "the mount is not readonly");
    }
    if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
      return invalid(field + ".recursive_read_only", "the mount's propagation is not private");
    }
    return new CriException(
        Kind.UNSUPPORTED,
        "RROUnsupported: %s: %s cannot be mounted recursively read-only: not offered yet"
            .formatted(field, mount.getHostPath()));
  }

  private static String propagation(String field, MountPropagation propagation) {
    return switch (propagation) {
      // Not rprivate: Docker refuses that for sources that contain its own data (hostPath /),
      // and takes rslave for them when nothing is said; for all others its default is rprivate.
      case PROPAGATION_PRIVATE -> "";
      case PROPAGATION_HOST_TO_CONTAINER -> "rslave";
      case PROPAGATION_BIDIRECTIONAL -> "rshared";
      case UNRECOGNIZED -> throw invalid(field + ".propagation", "unknown value");
    };
  }

  private static MountPropagation propagationToCri(String docker) {
    return switch (docker) {
      case "rslave", "slave" -> MountPropagation.PROPAGATION_HOST_TO_CONTAINER;
      case "rshared", "shared" -> MountPropagation.PROPAGATION_BIDIRECTIONAL;
      default -> MountPropagation.PROPAGATION_PRIVATE;
    };
  }

  private static DeviceSpec device(String field, Device device) {
    requireAbsolute(field + ".host_path", device.getHostPath());
    String target =
        device.getContainerPath().isEmpty() ? device.getHostPath() : device.getContainerPath();
    requireAbsolute(field + ".container_path", target);
    if (!PERMISSIONS.matcher(device.getPermissions()).matches()) {
      throw invalid(
          field + ".permissions",
          "\"%s\" is not made of r, w and m".formatted(device.getPermissions()));
    }
    return new DeviceSpec(device.getHostPath(), target, device.getPermissions());
  }
}
