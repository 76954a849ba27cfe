package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;
import static dev.longshore.container.Requests.require;
import static dev.longshore.container.Requests.requireAbsolute;
import static dev.longshore.container.Requests.unsupported;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.CDIDevice;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.Device;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.cri.v1.SELinuxOption;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.ContainerSpec.BindMount;
import dev.longshore.docker.ContainerSpec.CdiDevice;
import dev.longshore.docker.ContainerSpec.DeviceSpec;
import dev.longshore.docker.ContainerSpec.FixedMount;
import dev.longshore.docker.ContainerSpec.HostDevice;
import dev.longshore.docker.ContainerSpec.ImageMount;
import dev.longshore.docker.ContainerSpec.MountSpec;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageVolume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Mounts and devices, CRI's to Docker's, and the mounts back. */
final class MountSpecs {
  private static final Pattern PERMISSIONS = Pattern.compile("[rwm]{1,3}");

  /** Types that stand for a mount of the request; volumes come from the image. */
  private static final Set<String> REQUESTED_TYPES = Set.of("bind", "image");

  private MountSpecs() {}

  /**
   * The mounts of host paths; those of images are {@link ImageVolumeSpecs}'.
   *
   * @param runtime of the pod, which must know recursive read-only mounts when one is asked for
   */
  static List<BindMount> mounts(ContainerConfig config, EngineInfo engine, String runtime) {
    boolean recursive = engine.mountsRecursivelyReadonly(runtime);
    boolean relabels = relabels(config, engine);
    return IntStream.range(0, config.getMountsCount())
        .filter(i -> !config.getMounts(i).hasImage())
        .mapToObj(
            i -> mount("config.mounts[%d]".formatted(i), config.getMounts(i), recursive, relabels))
        .toList();
  }

  static List<DeviceSpec> devices(ContainerConfig config, EngineInfo engine) {
    List<DeviceSpec> devices = new ArrayList<>();
    for (int i = 0; i < config.getDevicesCount(); i++) {
      devices.add(device("config.devices[%d]".formatted(i), config.getDevices(i)));
    }
    for (CDIDevice device : config.getCDIDevicesList()) {
      devices.add(cdi(require("config.CDI_devices.name", device.getName()), engine));
    }
    return devices;
  }

  private static DeviceSpec cdi(String name, EngineInfo engine) {
    if (!engine.apiAtLeast(ApiVersion.CDI_DEVICES)) {
      throw unsupported(
          "config.CDI_devices",
          "%s needs Docker Engine 25 (API %s); this is %s (API %s)"
              .formatted(name, ApiVersion.CDI_DEVICES, engine.version(), engine.apiVersion()));
    }
    return new CdiDevice(name);
  }

  /**
   * Whether host paths get the container's SELinux label where a mount asks for it. Only a label
   * that the request names: Docker's own differs from container to container of a pod.
   */
  private static boolean relabels(ContainerConfig config, EngineInfo engine) {
    SELinuxOption label = config.getLinux().getSecurityContext().getSelinuxOptions();
    return !label.equals(SELinuxOption.getDefaultInstance()) && engine.confinesBy("selinux");
  }

  /** The mounts the request asked for, as Docker made them. */
  static List<Mount> toCri(List<MountPoint> docker, List<ImageVolume> volumes) {
    Map<String, ImageVolume> images = new HashMap<>();
    volumes.forEach(volume -> images.put(volume.target(), volume));
    return docker.stream()
        .filter(mount -> REQUESTED_TYPES.contains(mount.type()))
        .map(
            mount -> {
              ImageVolume volume = images.get(mount.target());
              return volume == null ? toCri(mount) : ImageVolumeSpecs.toCri(volume);
            })
        .toList();
  }

  private static Mount toCri(MountPoint mount) {
    return Mount.newBuilder()
        .setContainerPath(mount.target())
        .setHostPath(mount.source())
        .setReadonly(!mount.writable())
        .setRecursiveReadOnly(mount.recursiveReadonly())
        .setPropagation(propagationToCri(mount.propagation()))
        .build();
  }

  /** The mounts of a container just created; Docker's default propagation is rprivate. */
  static List<MountPoint> asMade(List<MountSpec> mounts) {
    return mounts.stream().map(MountSpecs::asMade).toList();
  }

  private static MountPoint asMade(MountSpec mount) {
    return switch (mount) {
      case BindMount bind ->
          new MountPoint(
              "bind",
              bind.source(),
              bind.target(),
              !bind.readonly(),
              bind.propagation().isEmpty() ? "rprivate" : bind.propagation(),
              bind.recursiveReadonly());
      case FixedMount(String source, String target) ->
          new MountPoint("bind", source, target, false, "rprivate");
      case ImageMount image -> new MountPoint("image", image.imageId(), image.target(), false, "");
    };
  }

  private static BindMount mount(String field, Mount mount, boolean recursive, boolean relabels) {
    requireAbsolute(field + ".container_path", mount.getContainerPath());
    requireAbsolute(field + ".host_path", mount.getHostPath());
    if (mount.getUidMappingsCount() > 0 || mount.getGidMappingsCount() > 0) {
      throw unsupported(field + ".uidMappings", "Docker has no id-mapped mounts");
    }
    if (mount.getRecursiveReadOnly()) {
      checkRecursiveReadOnly(field, mount, recursive);
    }
    boolean relabel = relabels && mount.getSelinuxRelabel();
    if (relabel) {
      checkRelabel(field, mount);
    }
    return new BindMount(
        mount.getHostPath(),
        mount.getContainerPath(),
        mount.getReadonly(),
        propagation(field, mount.getPropagation()),
        mount.getRecursiveReadOnly(),
        relabel);
  }

  /** Docker relabels what it mounts in its older form only, which can say less. */
  private static void checkRelabel(String field, Mount mount) {
    boolean colon = mount.getHostPath().contains(":") || mount.getContainerPath().contains(":");
    if (colon || mount.getRecursiveReadOnly()) {
      throw unsupported(
          field + ".selinux_relabel",
          "%s cannot be given the container's SELinux label by Docker: %s"
              .formatted(
                  mount.getHostPath(),
                  colon ? "a path has a colon" : "the mount is recursively read-only"));
    }
  }

  /** A wrong request is told from one that cannot be met, as CRI wants it. */
  private static void checkRecursiveReadOnly(String field, Mount mount, boolean able) {
    if (!mount.getReadonly()) {
      throw invalid(field + ".recursive_read_only", "the mount is not readonly");
    }
    if (mount.getPropagation() != MountPropagation.PROPAGATION_PRIVATE) {
      throw invalid(field + ".recursive_read_only", "the mount's propagation is not private");
    }
    if (!able) {
      throw new CriException(
          Kind.UNSUPPORTED,
          ("RROUnsupported: %s: %s cannot be mounted recursively read-only: that needs kernel 5.12,"
                  + " Docker Engine 25 and a runtime that tells of it")
              .formatted(field, mount.getHostPath()));
    }
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
    return new HostDevice(device.getHostPath(), target, device.getPermissions());
  }
}
