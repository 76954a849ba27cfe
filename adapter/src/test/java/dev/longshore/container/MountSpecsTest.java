package dev.longshore.container;

import static dev.longshore.container.Samples.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.CDIDevice;
import dev.longshore.cri.v1.Device;
import dev.longshore.cri.v1.IDMapping;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.docker.ContainerSpec.BindMount;
import dev.longshore.docker.ContainerSpec.HostDevice;
import dev.longshore.docker.EngineContainer.MountPoint;
import dev.longshore.docker.EngineInfo;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MountSpecsTest {
  private static final EngineInfo OLD = Samples.engine("20.10.24", "1.41", Set.of());

  @ParameterizedTest
  @CsvSource({
    "PROPAGATION_PRIVATE, ''",
    "PROPAGATION_HOST_TO_CONTAINER, rslave",
    "PROPAGATION_BIDIRECTIONAL, rshared",
  })
  void aMountIsABind(MountPropagation propagation, String docker) {
    Mount mount = mount("/host", "/pod").setReadonly(true).setPropagation(propagation).build();

    assertThat(MountSpecs.mounts(config().addMounts(mount).build(), OLD, ""))
        .containsExactly(new BindMount("/host", "/pod", true, docker));
  }

  @ParameterizedTest
  @CsvSource({
    "rprivate, PROPAGATION_PRIVATE",
    "'', PROPAGATION_PRIVATE",
    "rslave, PROPAGATION_HOST_TO_CONTAINER",
    "rshared, PROPAGATION_BIDIRECTIONAL",
  })
  void aMountIsReadBack(String docker, MountPropagation propagation) {
    assertThat(
            MountSpecs.toCri(
                List.of(new MountPoint("bind", "/host", "/pod", true, docker)), List.of()))
        .containsExactly(mount("/host", "/pod").setPropagation(propagation).build());
  }

  @Test
  void volumesOfTheImageAreNoMountsOfTheRequest() {
    assertThat(
            MountSpecs.toCri(List.of(new MountPoint("volume", "/v", "/data", true, "")), List.of()))
        .isEmpty();
  }

  @Test
  void aDeviceIsTakenOverAndKeepsItsPathByDefault() {
    var config =
        config()
            .addDevices(device("/dev/fuse", "/dev/other", "rwm"))
            .addDevices(device("/dev/kvm", "", "r"));

    assertThat(MountSpecs.devices(config.build(), OLD))
        .containsExactly(
            new HostDevice("/dev/fuse", "/dev/other", "rwm"),
            new HostDevice("/dev/kvm", "/dev/kvm", "r"));
  }

  static Stream<Arguments> wrongMounts() {
    return Stream.of(
        Arguments.of(mount("", "/pod"), Kind.INVALID, "config.mounts[0].host_path is missing"),
        Arguments.of(mount("host", "/pod"), Kind.INVALID, "config.mounts[0].host_path"),
        Arguments.of(mount("/host", " "), Kind.INVALID, "config.mounts[0].container_path"),
        Arguments.of(mount("/host", "pod"), Kind.INVALID, "config.mounts[0].container_path"),
        Arguments.of(mount("/host", "/pod").setPropagationValue(9), Kind.INVALID, "propagation"),
        Arguments.of(
            mount("/host", "/pod").addUidMappings(IDMapping.getDefaultInstance()),
            Kind.UNSUPPORTED,
            "uidMappings"),
        Arguments.of(
            mount("/host", "/pod").addGidMappings(IDMapping.getDefaultInstance()),
            Kind.UNSUPPORTED,
            "uidMappings"),
        Arguments.of(
            mount("/host", "/pod").setReadonly(true).setRecursiveReadOnly(true),
            Kind.UNSUPPORTED,
            "RROUnsupported: "),
        Arguments.of(
            mount("/host", "/pod").setRecursiveReadOnly(true), Kind.INVALID, "not readonly"),
        Arguments.of(
            mount("/host", "/pod")
                .setReadonly(true)
                .setRecursiveReadOnly(true)
                .setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL),
            Kind.INVALID,
            "propagation is not private"));
  }

  @ParameterizedTest
  @MethodSource("wrongMounts")
  void aWrongMountIsRefused(Mount.Builder mount, Kind kind, String named) {
    assertThatThrownBy(() -> MountSpecs.mounts(config().addMounts(mount).build(), OLD, ""))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(named);
  }

  static Stream<Arguments> wrongDevices() {
    return Stream.of(
        Arguments.of(device("dev/fuse", "", "rwm"), "config.devices[0].host_path"),
        Arguments.of(device("/dev/fuse", "fuse", "rwm"), "config.devices[0].container_path"),
        Arguments.of(device("/dev/fuse", "", ""), "config.devices[0].permissions"),
        Arguments.of(device("/dev/fuse", "", "rx"), "config.devices[0].permissions"));
  }

  @ParameterizedTest
  @MethodSource("wrongDevices")
  void aWrongDeviceIsRefused(Device device, String named) {
    assertThatThrownBy(() -> MountSpecs.devices(config().addDevices(device).build(), OLD))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(named);
  }

  @Test
  void aCdiDeviceIsRefusedByNameBeforeEngine25() {
    var config = config().addCDIDevices(CDIDevice.newBuilder().setName("vendor.com/gpu=0"));

    assertThatThrownBy(() -> MountSpecs.devices(config.build(), OLD))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
        .hasMessageContaining("vendor.com/gpu=0 needs Docker Engine 25")
        .hasMessageContaining("20.10.24");
  }

  private static Mount.Builder mount(String host, String container) {
    return Mount.newBuilder().setHostPath(host).setContainerPath(container);
  }

  private static Device device(String host, String container, String permissions) {
    return Device.newBuilder()
        .setHostPath(host)
        .setContainerPath(container)
        .setPermissions(permissions)
        .build();
  }
}
