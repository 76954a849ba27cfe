package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.DNSConfig;
import dev.longshore.cri.v1.Int64Value;
import dev.longshore.cri.v1.LinuxSandboxSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.SecurityProfile;
import dev.longshore.cri.v1.SecurityProfile.ProfileType;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.ContainerSpec.DnsSpec;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.KubeLabels;
import dev.longshore.spec.RequestHash;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SandboxSpecsTest {
  private static final String IMAGE = "sha256:" + "9".repeat(64);
  private static final EngineInfo CGROUPFS = engine("cgroupfs");

  private @TempDir Path temp;

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void fields(
      String field,
      Consumer<RunPodSandboxRequest.Builder> given,
      Function<ContainerSpec, Object> read,
      Object expected) {
    assertThat(read.apply(spec(given))).as(field).isEqualTo(expected);
  }

  private static Stream<Arguments> fields() {
    return Stream.of(
        row("name", r -> {}, ContainerSpec::name, "k8s_POD_web-0_default_7c1e_0"),
        row(
            "attempt is unsigned",
            config(c -> c.getMetadataBuilder().setAttempt(-1)),
            ContainerSpec::name,
            "k8s_POD_web-0_default_7c1e_4294967295"),
        row("image", r -> {}, ContainerSpec::image, IMAGE),
        row(
            "hostname",
            config(c -> c.setHostname("web-0")),
            s -> s.namespaces().hostname(),
            "web-0"),
        row("own UTS namespace", r -> {}, s -> s.namespaces().uts(), ""),
        row(
            "node's name on the node's network",
            config(c -> c.setHostname("web-0"))
                .andThen(
                    security(s -> s.getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE))),
            s -> List.of(s.namespaces().uts(), s.namespaces().hostname()),
            List.of("host", "")),
        row("network POD", r -> {}, s -> s.namespaces().network(), "none"),
        row(
            "network NODE",
            security(s -> s.getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE)),
            s -> s.namespaces().network(),
            "host"),
        row("pid POD", r -> {}, s -> s.namespaces().pid(), ""),
        row(
            "pid CONTAINER",
            security(s -> s.getNamespaceOptionsBuilder().setPid(NamespaceMode.CONTAINER)),
            s -> s.namespaces().pid(),
            ""),
        row(
            "pid NODE",
            security(s -> s.getNamespaceOptionsBuilder().setPid(NamespaceMode.NODE)),
            s -> s.namespaces().pid(),
            "host"),
        row("ipc POD", r -> {}, s -> s.namespaces().ipc(), "shareable"),
        row(
            "ipc NODE",
            security(s -> s.getNamespaceOptionsBuilder().setIpc(NamespaceMode.NODE)),
            s -> s.namespaces().ipc(),
            "host"),
        row(
            "userns NODE is no user namespace",
            security(
                s ->
                    s.getNamespaceOptionsBuilder()
                        .getUsernsOptionsBuilder()
                        .setMode(NamespaceMode.NODE)),
            ContainerSpec::image,
            IMAGE),
        row(
            "cgroup parent, cgroupfs",
            config(c -> c.getLinuxBuilder().setCgroupParent("/kubepods/burstable/pod7c1e")),
            s -> s.namespaces().cgroupParent(),
            "/kubepods/burstable/pod7c1e"),
        row(
            "sysctls",
            config(c -> c.getLinuxBuilder().putSysctls("net.core.somaxconn", "1024")),
            s -> s.namespaces().sysctls(),
            Map.of("net.core.somaxconn", "1024")),
        row(
            "user",
            security(s -> s.setRunAsUser(Int64Value.newBuilder().setValue(1000))),
            s -> s.process().user(),
            "1000"),
        row(
            "user 0 is a user",
            security(s -> s.setRunAsUser(Int64Value.getDefaultInstance())),
            s -> s.process().user(),
            "0"),
        row(
            "user and group",
            security(
                s ->
                    s.setRunAsUser(Int64Value.newBuilder().setValue(1000))
                        .setRunAsGroup(Int64Value.newBuilder().setValue(2000))),
            s -> s.process().user(),
            "1000:2000"),
        row("no user", r -> {}, s -> s.process().user(), ""),
        row(
            "supplemental groups",
            security(s -> s.addSupplementalGroups(5).addSupplementalGroups(1L << 32)),
            s -> s.security().groups(),
            List.of("5", "4294967296")),
        row(
            "readonly rootfs",
            security(s -> s.setReadonlyRootfs(true)),
            s -> s.security().readonlyRootfs(),
            true),
        row(
            "privileged",
            security(s -> s.setPrivileged(true)),
            s -> s.security().privileged(),
            true),
        row("security options", r -> {}, s -> s.security().options(), List.of("no-new-privileges")),
        row(
            "selinux",
            security(s -> s.getSelinuxOptionsBuilder().setUser("u").setType("t").setLevel("s0:c1")),
            s -> s.security().options(),
            List.of("no-new-privileges", "label=user:u", "label=type:t", "label=level:s0:c1")),
        row(
            "selinux role",
            security(s -> s.getSelinuxOptionsBuilder().setRole("r")),
            s -> s.security().options(),
            List.of("no-new-privileges", "label=role:r")),
        row(
            "seccomp and apparmor, runtime's default",
            security(
                s ->
                    s.setSeccomp(profile(ProfileType.RuntimeDefault))
                        .setApparmor(profile(ProfileType.RuntimeDefault))),
            s -> s.security().options(),
            List.of("no-new-privileges")),
        row(
            "seccomp and apparmor, unconfined",
            security(
                s ->
                    s.setSeccomp(profile(ProfileType.Unconfined))
                        .setApparmor(profile(ProfileType.Unconfined))),
            s -> s.security().options(),
            List.of("no-new-privileges", "seccomp=unconfined", "apparmor=unconfined")),
        row(
            "seccomp is ignored for privileged sandboxes",
            security(s -> s.setPrivileged(true).setSeccomp(profile(ProfileType.Localhost))),
            s -> s.security().options(),
            List.of("no-new-privileges")),
        row(
            "apparmor, localhost",
            security(
                s ->
                    s.getApparmorBuilder()
                        .setProfileType(ProfileType.Localhost)
                        .setLocalhostRef("pause-profile")),
            s -> s.security().options(),
            List.of("no-new-privileges", "apparmor=pause-profile")),
        row("no DNS", r -> {}, s -> s.namespaces().dns(), DnsSpec.DEFAULT),
        row(
            "DNS",
            config(
                c ->
                    c.setDnsConfig(
                        DNSConfig.newBuilder()
                            .addServers("10.96.0.10")
                            .addSearches("svc.cluster.local")
                            .addOptions("ndots:5"))),
            s -> s.namespaces().dns(),
            new DnsSpec(List.of("10.96.0.10"), List.of("svc.cluster.local"), List.of("ndots:5"))),
        row(
            "DNS without searches and options takes none of the node's",
            config(c -> c.setDnsConfig(DNSConfig.newBuilder().addServers("1.1.1.1"))),
            s -> s.namespaces().dns(),
            new DnsSpec(List.of("1.1.1.1"), List.of("."), List.of("ndots:1"))),
        row("cpu shares", r -> {}, s -> s.resources().cpuShares().getAsLong(), 2L),
        row("oom score", r -> {}, s -> s.resources().oomScoreAdj().getAsLong(), -998L),
        row("default handler", r -> {}, ContainerSpec::runtime, ""),
        row("docker's handler", r -> r.setRuntimeHandler("docker"), ContainerSpec::runtime, ""),
        row("named handler", r -> r.setRuntimeHandler("runsc"), ContainerSpec::runtime, "runsc"),
        row(
            "Docker publishes no ports",
            config(c -> c.addPortMappingsBuilder().setContainerPort(80).setHostPort(8080)),
            ContainerSpec::exposedPorts,
            List.of()),
        row(
            "overhead is the kubelet's",
            config(c -> c.getLinuxBuilder().getOverheadBuilder().setMemoryLimitInBytes(1 << 20)),
            s -> s.resources().memoryBytes().isEmpty(),
            true));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void whatDockerCannotDoIsSaidWithTheFieldsName(
      String expected, Consumer<RunPodSandboxRequest.Builder> given) {
    assertThatThrownBy(() -> spec(given))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(expected);
  }

  private static Stream<Arguments> whatDockerCannotDoIsSaidWithTheFieldsName() {
    return Stream.of(
        bad("config.metadata", RunPodSandboxRequest.Builder::clearConfig),
        bad("config.metadata of", config(PodSandboxConfig.Builder::clearMetadata)),
        bad("config.metadata.name", config(c -> c.getMetadataBuilder().clearName())),
        bad("config.metadata.namespace", config(c -> c.getMetadataBuilder().setNamespace("a_b"))),
        bad("config.metadata.uid", config(c -> c.getMetadataBuilder().setUid("a/b"))),
        bad(
            "namespace_options.network is CONTAINER",
            security(s -> s.getNamespaceOptionsBuilder().setNetwork(NamespaceMode.CONTAINER))),
        bad(
            "namespace_options.pid is TARGET",
            security(s -> s.getNamespaceOptionsBuilder().setPid(NamespaceMode.TARGET))),
        bad(
            "namespace_options.ipc is CONTAINER",
            security(s -> s.getNamespaceOptionsBuilder().setIpc(NamespaceMode.CONTAINER))),
        bad(
            "hostUsers: true",
            security(s -> s.getNamespaceOptionsBuilder().getUsernsOptionsBuilder())),
        bad(
            "run_as_group needs run_as_user",
            security(s -> s.setRunAsGroup(Int64Value.newBuilder().setValue(1)))),
        bad("seccomp.localhost_ref", security(s -> s.setSeccomp(localhost("/no/such/profile")))),
        bad("not an absolute path", security(s -> s.setSeccomp(localhost("profile.json")))),
        bad("apparmor.localhost_ref", security(s -> s.setApparmor(localhost("")))),
        bad(
            "runtime handler \"kata\" is none of Docker's runtimes, which are runc, runsc",
            r -> r.setRuntimeHandler("kata")));
  }

  @Test
  void aSeccompProfileIsPassedOnAsItStands() throws Exception {
    String profile = "{\"defaultAction\": \"SCMP_ACT_ALLOW\",\n \"includes\": {}}\n";
    Path file = Files.writeString(temp.resolve("profile.json"), profile);
    assertThat(spec(security(s -> s.setSeccomp(localhost(file.toString())))).security().options())
        .containsExactly("no-new-privileges", "seccomp=" + profile);
  }

  @Test
  void underSystemdTheCgroupParentIsTheLastSlice() {
    var request = request(config(c -> c.getLinuxBuilder().setCgroupParent("/a.slice/a-b.slice")));
    assertThat(SandboxSpecs.from(request, IMAGE, engine("systemd")).namespaces().cgroupParent())
        .isEqualTo("a-b.slice");
  }

  @Test
  void labelsAnnotationsAndHandlerAreReadBackAsSet() {
    var spec =
        spec(
            config(c -> c.putLabels("app", "web").putAnnotations("example.org/a", "b"))
                .andThen(r -> r.setRuntimeHandler("docker")));
    assertThat(spec.labels()).containsEntry(KubeLabels.TYPE, KubeLabels.TYPE_SANDBOX);
    KubeLabels.Metadata metadata = KubeLabels.read(spec.labels());
    assertThat(metadata.labels()).containsOnly(Map.entry("app", "web"));
    assertThat(metadata.annotations())
        .containsOnly(Map.entry("example.org/a", "b"), Map.entry("example.org/note", "hello"));
    assertThat(metadata.runtimeHandler()).isEqualTo(Optional.of("docker"));
    assertThat(metadata.requestHash()).isNotEmpty();
  }

  @Test
  void equalRequestsHaveEqualHashesWhateverTheOrderOfTheirMaps() {
    var one = request(config(c -> c.putLabels("a", "1").putLabels("b", "2")));
    var two = request(config(c -> c.putLabels("b", "2").putLabels("a", "1")));
    var other = request(config(c -> c.putLabels("a", "1").putLabels("b", "3")));
    assertThat(RequestHash.of(one))
        .isEqualTo(RequestHash.of(two))
        .isNotEqualTo(RequestHash.of(other));
  }

  private static ContainerSpec spec(Consumer<RunPodSandboxRequest.Builder> given) {
    return SandboxSpecs.from(request(given), IMAGE, CGROUPFS);
  }

  private static RunPodSandboxRequest request(Consumer<RunPodSandboxRequest.Builder> given) {
    RunPodSandboxRequest.Builder builder = Requests.run("web-0").toBuilder();
    given.accept(builder);
    return builder.build();
  }

  private static Consumer<RunPodSandboxRequest.Builder> config(
      Consumer<PodSandboxConfig.Builder> given) {
    return request -> given.accept(request.getConfigBuilder());
  }

  private static Consumer<RunPodSandboxRequest.Builder> security(
      Consumer<LinuxSandboxSecurityContext.Builder> given) {
    return config(config -> given.accept(config.getLinuxBuilder().getSecurityContextBuilder()));
  }

  private static SecurityProfile profile(ProfileType type) {
    return SecurityProfile.newBuilder().setProfileType(type).build();
  }

  private static SecurityProfile localhost(String ref) {
    return profile(ProfileType.Localhost).toBuilder().setLocalhostRef(ref).build();
  }

  private static Arguments row(
      String field,
      Consumer<RunPodSandboxRequest.Builder> given,
      Function<ContainerSpec, Object> read,
      Object expected) {
    return arguments(field, given, read, expected);
  }

  private static Arguments bad(String expected, Consumer<RunPodSandboxRequest.Builder> given) {
    return arguments(expected, given);
  }

  private static EngineInfo engine(String cgroupDriver) {
    return new EngineInfo(
        "20.10.24",
        "1.41",
        "1.41",
        cgroupDriver,
        1,
        "/var/lib/docker",
        "overlay2",
        "json-file",
        "runc",
        List.of("runsc", "runc"),
        List.of("name=apparmor"),
        false,
        Set.of(),
        Map.of(),
        List.of());
  }
}
