package dev.longshore.container;

import static dev.longshore.container.Samples.SANDBOX;
import static dev.longshore.container.Samples.config;
import static dev.longshore.container.Samples.info;
import static dev.longshore.container.Samples.request;
import static dev.longshore.container.Samples.sandbox;
import static dev.longshore.container.Samples.secured;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.CreateContainerRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.KeyValue;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.LinuxPodSandboxConfig;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.SELinuxOption;
import dev.longshore.cri.v1.SecurityProfile;
import dev.longshore.cri.v1.Signal;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.ResourceSpec;
import dev.longshore.spec.RequestHash;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerSpecsTest {
  private static final String JOINED = "container:" + SANDBOX;

  @Test
  void theSmallestRequestAsksForNothingButThePodsNamespaces() {
    ContainerSpec spec = translate(config());

    assertThat(spec.name()).isEqualTo("k8s_app_web_default_uid-1_0");
    assertThat(spec.image()).isEqualTo("busybox:1");
    assertThat(spec.runtime()).isEqualTo("crun");
    assertThat(spec.resources()).isEqualTo(ResourceSpec.NONE);
    assertThat(spec.security()).isEqualTo(SecuritySpecs.DEFAULTS);
    assertThat(spec.namespaces().network()).isEqualTo(JOINED);
    assertThat(spec.namespaces().ipc()).isEqualTo(JOINED);
    assertThat(spec.namespaces().pid()).isEqualTo(JOINED);
    assertThat(spec.namespaces().uts()).isEmpty();
    assertThat(spec.namespaces().hostname()).isEmpty();
    assertThat(spec.mounts()).isEmpty();
    assertThat(spec.devices()).isEmpty();
    assertThat(spec.exposedPorts()).isEmpty();
  }

  @Test
  void theAttemptIsAnUnsignedNumberOfTheName() {
    var config = config();
    config.getMetadataBuilder().setAttempt(-1);

    assertThat(translate(config).name()).isEqualTo("k8s_app_web_default_uid-1_4294967295");
  }

  @Test
  void commandReplacesTheEntrypointAndArgumentsTheCommand() {
    var process = translate(config().addCommand("sh").addCommand("-c").addArgs("true")).process();

    assertThat(process.entrypoint()).containsExactly("sh", "-c");
    assertThat(process.command()).containsExactly("true");
  }

  @Test
  void argumentsAloneLeaveTheImagesEntrypoint() {
    var process = translate(config().addArgs("serve")).process();

    assertThat(process.entrypoint()).isEmpty();
    assertThat(process.command()).containsExactly("serve");
  }

  @Test
  void theProcessIsTakenOver() {
    var process =
        translate(
                config()
                    .setWorkingDir("/srv")
                    .setStdin(true)
                    .setStdinOnce(true)
                    .setTty(true)
                    .setStopSignal(Signal.SIGRTMINPLUS3)
                    .addEnvs(variable("A", "1=2"))
                    .addEnvs(variable("EMPTY", ""))
                    .addEnvs(variable("U", "grün")))
            .process();

    assertThat(process.workingDir()).isEqualTo("/srv");
    assertThat(process.stdin()).isTrue();
    assertThat(process.stdinOnce()).isTrue();
    assertThat(process.tty()).isTrue();
    assertThat(process.stopSignal()).isEqualTo("SIGRTMIN+3");
    assertThat(process.environment()).containsExactly("A=1=2", "EMPTY=", "U=grün");
  }

  @Test
  void aValueThatIsNotTextIsRefusedByName() {
    var raw = KeyValue.newBuilder().setKey("RAW").setValue(ByteString.fromHex("ff00"));

    assertRefused(config().addEnvs(raw), Kind.UNSUPPORTED, "RAW");
  }

  @ParameterizedTest
  @EnumSource(
      value = Signal.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNRECOGNIZED", "RUNTIME_DEFAULT"})
  void everyStopSignalIsReadBackAsSet(Signal signal) {
    String docker = translate(config().setStopSignal(signal)).process().stopSignal();

    assertThat(StopSignals.toCri(docker)).isEqualTo(signal);
  }

  @ParameterizedTest
  @CsvSource({
    "'',SIGTERM",
    "TERM,SIGTERM",
    "sigquit,SIGQUIT",
    "15,SIGTERM",
    "3,SIGQUIT",
    "x,SIGTERM"
  })
  void stopSignalsOfImagesAreUnderstood(String docker, Signal expected) {
    assertThat(StopSignals.toCri(docker)).isEqualTo(expected);
  }

  @Test
  void labelsAnnotationsAndTheImageAsWrittenAreReadBackExactly() {
    var config =
        config()
            .setImage(
                ImageSpec.newBuilder().setImage("sha256:abc").setUserSpecifiedImage("web:latest"))
            .putLabels("app", "web")
            .putLabels("annotation.odd", "x")
            .putAnnotations("io.kubernetes.container.hash", "1f");
    ContainerSpec spec = translate(config);
    KubeLabels.Metadata read = KubeLabels.read(spec.labels());

    assertThat(spec.image()).isEqualTo("sha256:abc");
    assertThat(read.labels()).isEqualTo(Map.of("app", "web", "annotation.odd", "x"));
    assertThat(read.annotations()).isEqualTo(Map.of("io.kubernetes.container.hash", "1f"));
    assertThat(read.imageName()).isEqualTo("web:latest");
    assertThat(read.requestHash()).isNotEmpty();
    assertThat(spec.labels())
        .containsEntry(KubeLabels.TYPE, KubeLabels.TYPE_CONTAINER)
        .containsEntry(KubeLabels.SANDBOX_ID, SANDBOX.value());
  }

  @Test
  void theHashTellsConfigurationsApartAndDoesNotDependOnTheOrderOfMaps() {
    var first = config().putLabels("a", "1").putLabels("b", "2").build();
    var second = config().putLabels("b", "2").putLabels("a", "1").build();
    var third = config().putLabels("b", "2").putLabels("a", "3").build();

    assertThat(RequestHash.of(first)).isEqualTo(RequestHash.of(second));
    assertThat(RequestHash.of(first)).isNotEqualTo(RequestHash.of(third));
  }

  @ParameterizedTest
  @CsvSource({
    "/var/log/pods/web, app/0.log, /var/log/pods/web/app/0.log",
    "/var/log/pods/web/, ./0.log, /var/log/pods/web/0.log",
    "'', app/0.log, ''",
    "/var/log/pods/web, '', ''",
  })
  void theLogPathIsJoined(String directory, String path, String expected) {
    CreateContainerRequest request =
        request(config().setLogPath(path)).toBuilder()
            .setSandboxConfig(PodSandboxConfig.newBuilder().setLogDirectory(directory))
            .build();

    assertThat(translate(request, "cgroupfs").labels())
        .containsEntry(KubeLabels.LOG_PATH, expected);
  }

  @ParameterizedTest
  @CsvSource({"../../../etc/shadow", ".", "/etc/shadow"})
  void aLogPathOutsideThePodsDirectoryIsRefused(String path) {
    assertRefused(config().setLogPath(path), Kind.INVALID, "config.log_path");
  }

  @ParameterizedTest
  @CsvSource({"NODE,host", "CONTAINER,''", "TARGET,container:abc", "POD,pod"})
  void pidModesAreDockers(NamespaceMode mode, String expected) {
    var context =
        LinuxContainerSecurityContext.newBuilder()
            .setNamespaceOptions(NamespaceOption.newBuilder().setPid(mode).setTargetId("abc"));

    assertThat(translate(secured(context)).namespaces().pid())
        .isEqualTo(expected.equals("pod") ? JOINED : expected);
  }

  @Test
  void thePodsNetworkAndIpcAreJoinedWhenThePodIsOnTheHostsToo() {
    var context =
        LinuxContainerSecurityContext.newBuilder()
            .setNamespaceOptions(
                NamespaceOption.newBuilder()
                    .setNetwork(NamespaceMode.NODE)
                    .setIpc(NamespaceMode.NODE));
    var namespaces =
        ContainerSpecs.from(request(secured(context)), sandbox("host"), info("cgroupfs"), List.of())
            .namespaces();

    assertThat(namespaces.network()).isEqualTo(JOINED);
    assertThat(namespaces.ipc()).isEqualTo(JOINED);
    assertThat(namespaces.uts()).isEqualTo("host");
  }

  @ParameterizedTest
  @CsvSource({
    "cgroupfs, /kubepods/burstable/poduid, /kubepods/burstable/poduid",
    "systemd, /kubepods.slice/kubepods-pod1.slice, kubepods-pod1.slice",
    "systemd, kubepods-pod1.slice, kubepods-pod1.slice",
    "cgroupfs, '', /kubepods/sandbox",
  })
  void theCgroupParentIsAsTheDriverTakesIt(String driver, String given, String expected) {
    CreateContainerRequest request =
        request(config()).toBuilder()
            .setSandboxConfig(
                PodSandboxConfig.newBuilder()
                    .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(given)))
            .build();

    assertThat(translate(request, driver).namespaces().cgroupParent()).isEqualTo(expected);
  }

  @Test
  void aMountIsRelabelledWhereDockerConfinesBySelinux() {
    var label = SELinuxOption.newBuilder().setLevel("s0:c1,c2");
    var context = LinuxContainerSecurityContext.newBuilder().setSelinuxOptions(label);
    var mount =
        Mount.newBuilder().setHostPath("/data").setContainerPath("/data").setSelinuxRelabel(true);
    var config = secured(context).addMounts(mount);
    var engine = info("systemd", "name=selinux");

    assertThat(relabels(config, info("systemd"))).isFalse();
    assertThat(relabels(config, engine)).isTrue();
    assertThat(relabels(config().addMounts(mount), engine)).isFalse();
    assertThatThrownBy(
            () ->
                ContainerSpecs.from(
                    request(secured(context).addMounts(mount.setHostPath("/a:b"))),
                    sandbox("none"),
                    engine,
                    List.of()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
        .hasMessageContaining("selinux_relabel");
  }

  private static boolean relabels(ContainerConfig.Builder config, EngineInfo engine) {
    return MountSpecs.mounts(config.build(), engine, "").getFirst().relabel();
  }

  @Test
  void anAppArmorProfileIsRefusedWhereDockerWouldLeaveItOut() {
    var context =
        LinuxContainerSecurityContext.newBuilder()
            .setApparmor(
                SecurityProfile.newBuilder()
                    .setProfileType(SecurityProfile.ProfileType.Localhost)
                    .setLocalhostRef("web"));

    assertThatThrownBy(() -> translate(secured(context)))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
        .hasMessageContaining("web");
    assertThat(
            ContainerSpecs.from(
                    request(secured(context)),
                    sandbox("none"),
                    info("systemd", "name=apparmor"),
                    List.of())
                .security()
                .options())
        .contains("apparmor=web");
  }

  static Stream<Arguments> refusals() {
    var noName = config();
    noName.getMetadataBuilder().clearName();
    var underscore = config();
    underscore.getMetadataBuilder().setName("a_b");
    return Stream.of(
        Arguments.of(noName, Kind.INVALID, "config.metadata.name"),
        Arguments.of(underscore, Kind.INVALID, "a_b"),
        Arguments.of(config().clearImage(), Kind.INVALID, "config.image.image"),
        Arguments.of(config().addEnvs(variable("", "x")), Kind.INVALID, "config.envs"),
        Arguments.of(config().addEnvs(variable("A=B", "x")), Kind.INVALID, "A=B"),
        Arguments.of(config().setStopSignalValue(99), Kind.INVALID, "config.stop_signal"),
        Arguments.of(
            namespaces(NamespaceOption.newBuilder().setNetwork(NamespaceMode.CONTAINER)),
            Kind.UNSUPPORTED,
            "network"),
        Arguments.of(
            namespaces(NamespaceOption.newBuilder().setIpc(NamespaceMode.TARGET)),
            Kind.UNSUPPORTED,
            "ipc"),
        Arguments.of(
            namespaces(NamespaceOption.newBuilder().setPid(NamespaceMode.TARGET)),
            Kind.INVALID,
            "target_id"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void aWrongFieldIsRefusedByName(ContainerConfig.Builder config, Kind kind, String named) {
    assertRefused(config, kind, named);
  }

  private static ContainerConfig.Builder namespaces(NamespaceOption.Builder options) {
    return secured(LinuxContainerSecurityContext.newBuilder().setNamespaceOptions(options));
  }

  private static KeyValue variable(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(ByteString.copyFromUtf8(value)).build();
  }

  private static ContainerSpec translate(ContainerConfig.Builder config) {
    return translate(request(config), "cgroupfs");
  }

  private static ContainerSpec translate(CreateContainerRequest request, String driver) {
    return ContainerSpecs.from(request, sandbox("none"), info(driver), List.of());
  }

  private static void assertRefused(ContainerConfig.Builder config, Kind kind, String named) {
    assertThatThrownBy(() -> translate(config))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(named);
  }
}
