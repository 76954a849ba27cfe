package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.Capability;
import dev.longshore.cri.v1.Int64Value;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.SELinuxOption;
import dev.longshore.cri.v1.SecurityProfile;
import dev.longshore.cri.v1.SecurityProfile.ProfileType;
import dev.longshore.cri.v1.SupplementalGroupsPolicy;
import dev.longshore.cri.v1.UserNamespace;
import dev.longshore.docker.ContainerSpec.SecuritySpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SecuritySpecsTest {
  @Test
  void anEmptyContextIsUnconfinedAndUnmasked() {
    SecuritySpec spec = SecuritySpecs.security(context().build());

    assertThat(spec.options()).containsExactly("seccomp=unconfined");
    assertThat(spec.maskedPaths()).hasValue(List.of());
    assertThat(spec.readonlyPaths()).hasValue(List.of());
    assertThat(spec.privileged()).isFalse();
    assertThat(spec.readonlyRootfs()).isFalse();
  }

  @Test
  void pathsAreTakenAsGiven() {
    SecuritySpec spec =
        SecuritySpecs.security(
            context().addMaskedPaths("/proc/kcore").addReadonlyPaths("/proc/sys").build());

    assertThat(spec.maskedPaths()).hasValue(List.of("/proc/kcore"));
    assertThat(spec.readonlyPaths()).hasValue(List.of("/proc/sys"));
  }

  @Test
  void aPrivilegedContainerHasNoSeccompAndNoPaths() {
    SecuritySpec spec =
        SecuritySpecs.security(
            context()
                .setPrivileged(true)
                .setReadonlyRootfs(true)
                .addMaskedPaths("/proc/kcore")
                .setSeccomp(profile(ProfileType.Localhost, "/not/there.json"))
                .build());

    assertThat(spec.privileged()).isTrue();
    assertThat(spec.readonlyRootfs()).isTrue();
    assertThat(spec.options()).isEmpty();
    assertThat(spec.maskedPaths()).isEmpty();
    assertThat(spec.readonlyPaths()).isEmpty();
  }

  @Test
  void capabilitiesLoseTheirPrefixAndDoubles() {
    SecuritySpec spec =
        SecuritySpecs.security(
            context()
                .setCapabilities(
                    Capability.newBuilder()
                        .addAddCapabilities("NET_ADMIN")
                        .addAddCapabilities("CAP_NET_ADMIN")
                        .addAddCapabilities("cap_sys_time")
                        .addDropCapabilities("ALL"))
                .build());

    assertThat(spec.addCapabilities()).containsExactly("NET_ADMIN", "SYS_TIME");
    assertThat(spec.dropCapabilities()).containsExactly("ALL");
  }

  static Stream<Arguments> users() {
    return Stream.of(
        Arguments.of(context(), ""),
        Arguments.of(context().setRunAsUser(id(0)), "0"),
        Arguments.of(context().setRunAsUser(id(1000)).setRunAsGroup(id(2000)), "1000:2000"),
        Arguments.of(context().setRunAsUsername("www"), "www"),
        Arguments.of(context().setRunAsUsername("www").setRunAsGroup(id(5)), "www:5"),
        Arguments.of(context().setRunAsUsername("www").setRunAsUser(id(5)), "www"));
  }

  @ParameterizedTest
  @MethodSource("users")
  void theUserIsDockers(LinuxContainerSecurityContext.Builder context, String expected) {
    assertThat(SecuritySpecs.user(context.build())).isEqualTo(expected);
  }

  @Test
  void aGroupWithoutAUserIsRefused() {
    assertThatThrownBy(() -> SecuritySpecs.user(context().setRunAsGroup(id(5)).build()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("run_as_group");
  }

  @Test
  void groupsAreNumbers() {
    assertThat(
            SecuritySpecs.security(
                    context().addSupplementalGroups(0).addSupplementalGroups(1234).build())
                .groups())
        .containsExactly("0", "1234");
  }

  @SuppressWarnings("deprecation") // The form of kubelets before 1.25 and 1.30.
  static Stream<Arguments> options() {
    return Stream.of(
        Arguments.of(seccomp(ProfileType.RuntimeDefault, ""), List.of()),
        Arguments.of(seccomp(ProfileType.Unconfined, ""), List.of("seccomp=unconfined")),
        Arguments.of(context().setSeccompProfilePath("runtime/default"), List.of()),
        Arguments.of(context().setSeccompProfilePath("docker/default"), List.of()),
        Arguments.of(context().setSeccompProfilePath("unconfined"), List.of("seccomp=unconfined")),
        Arguments.of(apparmor(ProfileType.RuntimeDefault, ""), List.of()),
        Arguments.of(apparmor(ProfileType.Unconfined, ""), List.of("apparmor=unconfined")),
        Arguments.of(apparmor(ProfileType.Localhost, "web"), List.of("apparmor=web")),
        Arguments.of(apparmor(ProfileType.Localhost, "localhost/web"), List.of("apparmor=web")),
        Arguments.of(
            apparmor(ProfileType.Localhost, "new").setApparmorProfile("localhost/old"),
            List.of("apparmor=new")),
        Arguments.of(confined().setApparmorProfile("runtime/default"), List.of()),
        Arguments.of(confined().setApparmorProfile("unconfined"), List.of("apparmor=unconfined")),
        Arguments.of(confined().setApparmorProfile("localhost/web"), List.of("apparmor=web")),
        Arguments.of(confined().setNoNewPrivs(true), List.of("no-new-privileges")),
        Arguments.of(
            confined()
                .setSelinuxOptions(
                    SELinuxOption.newBuilder()
                        .setUser("u")
                        .setRole("r")
                        .setType("t")
                        .setLevel("s0:c1,c2")),
            List.of("label=user:u", "label=role:r", "label=type:t", "label=level:s0:c1,c2")));
  }

  @ParameterizedTest
  @MethodSource("options")
  void profilesAreOptions(LinuxContainerSecurityContext.Builder context, List<String> expected) {
    assertThat(SecuritySpecs.security(context.build()).options()).isEqualTo(expected);
  }

  @Test
  void aSeccompProfileIsPassedByteForByte(@TempDir Path folder) throws IOException {
    String json = "{ \"defaultAction\":\"SCMP_ACT_ALLOW\",\n  \"syscalls\": [ ] }\n";
    Path file = Files.writeString(folder.resolve("profile.json"), json);

    assertThat(SecuritySpecs.security(seccomp(ProfileType.Localhost, file.toString()).build()))
        .extracting(SecuritySpec::options)
        .isEqualTo(List.of("seccomp=" + json));
    assertThat(SecuritySpecs.security(seccompPath("localhost/" + file)).options())
        .containsExactly("seccomp=" + json);
  }

  @Test
  void aSeccompProfileThatIsNoTextIsRefused(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("profile.json"), new byte[] {(byte) 0xff, 0});

    assertRefused(
        seccomp(ProfileType.Localhost, file.toString()), Kind.INVALID, file + " is not UTF-8");
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        Arguments.of(
            seccomp(ProfileType.Localhost, "/not/there.json"), Kind.INVALID, "/not/there.json"),
        Arguments.of(
            seccomp(ProfileType.Localhost, "rel.json"), Kind.INVALID, "seccomp.localhost_ref"),
        Arguments.of(seccompPath("web").toBuilder(), Kind.INVALID, "seccomp_profile_path"),
        Arguments.of(apparmor(ProfileType.Localhost, ""), Kind.INVALID, "apparmor.localhost_ref"),
        Arguments.of(apparmorText("web"), Kind.INVALID, "apparmor_profile"),
        Arguments.of(
            context().setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict),
            Kind.UNSUPPORTED,
            "supplemental_groups_policy"),
        Arguments.of(context().addSupplementalGroups(-1), Kind.INVALID, "supplemental_groups"),
        Arguments.of(
            context().setCapabilities(Capability.newBuilder().addAddAmbientCapabilities("NET_RAW")),
            Kind.UNSUPPORTED,
            "add_ambient_capabilities"),
        Arguments.of(
            context()
                .setNamespaceOptions(
                    NamespaceOption.newBuilder()
                        .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.POD))),
            Kind.UNSUPPORTED,
            "userns_options"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void whatIsWrongOrImpossibleIsRefusedByName(
      LinuxContainerSecurityContext.Builder context, Kind kind, String named) {
    assertRefused(context, kind, named);
  }

  @Test
  void theHostsUserNamespaceIsNoWish() {
    var options =
        NamespaceOption.newBuilder()
            .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.NODE));

    assertThat(SecuritySpecs.security(context().setNamespaceOptions(options).build()).privileged())
        .isFalse();
  }

  private static void assertRefused(
      LinuxContainerSecurityContext.Builder context, Kind kind, String named) {
    assertThatThrownBy(() -> SecuritySpecs.security(context.build()))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(named);
  }

  private static LinuxContainerSecurityContext.Builder context() {
    return LinuxContainerSecurityContext.newBuilder();
  }

  /** With Docker's seccomp profile, so that no option tells of seccomp. */
  private static LinuxContainerSecurityContext.Builder confined() {
    return seccomp(ProfileType.RuntimeDefault, "");
  }

  private static LinuxContainerSecurityContext.Builder seccomp(ProfileType type, String file) {
    return context().setSeccomp(profile(type, file));
  }

  @SuppressWarnings("deprecation") // The form of kubelets before 1.25.
  private static LinuxContainerSecurityContext seccompPath(String path) {
    return context().setSeccompProfilePath(path).build();
  }

  private static LinuxContainerSecurityContext.Builder apparmor(ProfileType type, String name) {
    return confined().setApparmor(profile(type, name));
  }

  @SuppressWarnings("deprecation") // The form of kubelets before 1.30.
  private static LinuxContainerSecurityContext.Builder apparmorText(String profile) {
    return confined().setApparmorProfile(profile);
  }

  private static SecurityProfile profile(ProfileType type, String reference) {
    return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference).build();
  }

  private static Int64Value id(long value) {
    return Int64Value.newBuilder().setValue(value).build();
  }
}
