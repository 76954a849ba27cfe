package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.RealNode.mount;
import static dev.longshore.container.RealNode.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.Capability;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.SecurityProfile;
import dev.longshore.cri.v1.SecurityProfile.ProfileType;
import dev.longshore.cri.v1.Signal;
import dev.longshore.cri.v1.StopContainerRequest;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** What a real Engine makes of our translations, seen from inside the containers. */
@TestInstance(Lifecycle.PER_CLASS)
class ContainerIT {
  private static final long MIB = 1 << 20;

  private RealNode node;

  @BeforeAll
  void begin(@TempDir Path folder) {
    node = new RealNode(folder);
  }

  @AfterAll
  void end() {
    node.close();
  }

  @Test
  void userGroupsAndCapabilitiesAreAsAsked() {
    String id =
        node.running(
            secured(
                context()
                    .setRunAsUser(number(1000))
                    .setRunAsGroup(number(2000))
                    .addSupplementalGroups(3000)
                    .setNoNewPrivs(true)
                    .setCapabilities(
                        Capability.newBuilder()
                            .addDropCapabilities("ALL")
                            .addAddCapabilities("CAP_NET_ADMIN"))));

    assertThat(node.sh(id, "id -u; id -g")).isEqualTo("1000\n2000\n");
    assertThat(node.sh(id, "id -G").strip().split(" ")).contains("2000", "3000");
    assertThat(node.sh(id, "cat /proc/self/status"))
        .containsPattern("CapBnd:\\s0000000000001000\\n")
        .containsPattern("NoNewPrivs:\\s1\\n");
  }

  @Test
  void pathsAreMaskedAsGivenOrNotAtAll() {
    String masked =
        node.running(
            secured(context().addMaskedPaths("/etc/hostname").addReadonlyPaths("/proc/sys")));
    String unmasked = node.running(secured(context()));
    String plain = node.running(node.config("sleep", "1000"));

    assertThat(node.sh(masked, "cat /etc/hostname")).isEmpty();
    assertThat(mounts(masked)).contains(" /proc/sys ").doesNotContain(" /proc/keys ");
    assertThat(mounts(unmasked)).doesNotContain(" /proc/sys ", " /proc/keys ");
    assertThat(mounts(plain)).contains(" /proc/sys ", " /proc/keys ");
  }

  private String mounts(String id) {
    return node.sh(id, "cat /proc/self/mountinfo");
  }

  @Test
  void seccompIsUnconfinedDockersOrTheFiles(@TempDir Path folder) throws IOException {
    Path profile =
        Files.writeString(
            folder.resolve("profile.json"),
            """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
            """);
    String unconfined = node.running(secured(context()));
    String dockers = node.running(secured(seccomp(ProfileType.RuntimeDefault, "")));
    String ours = node.running(secured(seccomp(ProfileType.Localhost, profile.toString())));
    String line = "cat /proc/self/status";

    assertThat(node.sh(unconfined, line)).containsPattern("Seccomp:\\s0\\n");
    assertThat(node.sh(dockers, line)).containsPattern("Seccomp:\\s2\\n");
    assertThat(node.sh(dockers, "busybox mkdir /tmp-x && echo made")).isEqualTo("made\n");
    assertThat(node.sh(ours, "busybox mkdir /tmp-x")).contains("not permitted");
  }

  @Test
  void privilegedIsUnconfined() throws IOException {
    assumeTrue(hasAllCapabilities(), "this machine cannot run privileged containers at all");
    String id = node.running(secured(context().setPrivileged(true)));

    assertThat(node.sh(id, "cat /proc/self/status"))
        .containsPattern("Seccomp:\\s0\\n")
        .doesNotContainPattern("CapBnd:\\s0{16}\\n");
    assertThat(mounts(id)).doesNotContain(" /proc/keys ");
  }

  /** What Docker lacks it cannot give: as root of a virtual machine that keeps some back. */
  private static boolean hasAllCapabilities() throws IOException {
    int last = Integer.parseInt(Files.readString(Path.of("/proc/sys/kernel/cap_last_cap")).strip());
    String all = "%016x".formatted((1L << (last + 1)) - 1);
    return Files.readString(Path.of("/proc/1/status")).contains("CapBnd:\t" + all);
  }

  @Test
  void aReadonlyRootIsReadonly() {
    String id = node.running(secured(context().setReadonlyRootfs(true)));

    assertThat(node.sh(id, "busybox touch /x")).contains("Read-only file system");
  }

  @Test
  void mountsAreMadeAndReadBack(@TempDir Path folder) throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    Files.writeString(there.resolve("file"), "content");
    Path missing = folder.resolve("not").resolve("there");
    ContainerConfig.Builder config =
        node.config("sleep", "1000")
            .addMounts(mount(there, "/ro").setReadonly(true))
            .addMounts(mount(missing, "/made"))
            // A source that holds Docker's own data: refused with rprivate, fine with the default.
            .addMounts(mount(Path.of("/"), "/host").setReadonly(true));
    String id = node.create(config);
    var before = node.status(id).getMountsList();
    node.startOnly(id);

    assertThat(node.sh(id, "cat /ro/file; busybox touch /ro/x"))
        .startsWith("content")
        .contains("Read-only file system");
    assertThat(node.sh(id, "busybox touch /made/x && echo ok")).isEqualTo("ok\n");
    assertThat(node.status(id).getMountsList())
        .containsAll(before.subList(0, 2))
        .hasSize(3)
        .anyMatch(m -> m.getHostPath().equals("/") && m.getReadonly());
  }

  @Test
  void limitsAreSetChangedAndReadBack() {
    String id =
        node.running(
            node.config("sleep", "1000")
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setResources(
                            LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(50_000)
                                .setCpuShares(512)
                                .setMemoryLimitInBytes(64 * MIB)
                                .setOomScoreAdj(500))));
    var limits = node.status(id).getResources().getLinux();
    assertThat(limits.getCpuQuota()).isEqualTo(50_000);
    assertThat(limits.getMemoryLimitInBytes()).isEqualTo(64 * MIB);
    assertThat(limits.getOomScoreAdj()).isEqualTo(500);
    assertThat(node.sh(id, "cat /proc/1/oom_score_adj")).isNotEmpty();

    update(id, LinuxContainerResources.newBuilder().setMemoryLimitInBytes(128 * MIB));
    update(id, LinuxContainerResources.newBuilder().setCpuQuota(25_000));
    limits = node.status(id).getResources().getLinux();
    assertThat(limits.getMemoryLimitInBytes()).isEqualTo(128 * MIB);
    assertThat(limits.getCpuQuota()).isEqualTo(25_000);
    assertThat(limits.getCpuShares()).isEqualTo(512);

    update(id, LinuxContainerResources.newBuilder().setMemoryLimitInBytes(32 * MIB));
    assertThat(node.status(id).getResources().getLinux().getMemoryLimitInBytes())
        .isEqualTo(32 * MIB);
  }

  private void update(String id, LinuxContainerResources.Builder limits) {
    node.update.handle(
        UpdateContainerResourcesRequest.newBuilder().setContainerId(id).setLinux(limits).build(),
        RealNode.soon());
  }

  @Test
  void anImpossibleLimitIsToldInDockersWords() {
    String id = node.running(node.config("sleep", "1000"));

    assertFails(
            Kind.INVALID,
            () -> update(id, LinuxContainerResources.newBuilder().setCpusetCpus("9999")))
        .hasMessageContaining("9999");
  }

  @Test
  void aProgramThatIsNotThereFailsTheStartWithItsName() {
    String id = node.create(node.config("/no/such/program"));

    assertFails(Kind.INVALID, () -> node.startOnly(id)).hasMessageContaining("/no/such/program");
    var status = node.status(id);
    assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(status.getReason()).isEqualTo("ContainerCannotRun");
    assertThat(status.getExitCode()).isNotZero();
    assertThat(status.getMessage()).contains("/no/such/program");
    assertThat(status.getFinishedAt()).isPositive();
  }

  @Test
  void theStopSignalIsSentAndAnIgnoredOneEndsInAKill() {
    String polite =
        node.running(
            node.config("sh", "-c", "trap 'exit 5' QUIT; while :; do busybox usleep 10000; done")
                .setStopSignal(Signal.SIGQUIT));
    String stubborn =
        node.running(
            node.config("sh", "-c", "trap '' TERM; while :; do busybox usleep 10000; done"));
    stop(polite, 20);
    stop(stubborn, 1);

    assertThat(node.status(polite).getExitCode()).isEqualTo(5);
    assertThat(node.status(polite).getStopSignal()).isEqualTo(Signal.SIGQUIT);
    assertThat(node.status(stubborn).getExitCode()).isEqualTo(137);
  }

  @Test
  void aTimeoutOfZeroKills() {
    String id = node.running(node.config("sleep", "1000"));
    stop(id, 0);

    assertThat(node.status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(node.status(id).getExitCode()).isEqualTo(137);
    assertThat(node.status(id).getReason()).isEqualTo("Error");
  }

  private void stop(String id, long seconds) {
    node.stop.handle(
        StopContainerRequest.newBuilder().setContainerId(id).setTimeout(seconds).build(),
        RealNode.soon());
  }

  @Test
  void pidNamespacesAreThePodsOnesOwnOrATargets() {
    String shared = node.running(node.config("sleep", "1001"));
    String own = node.running(pid(NamespaceMode.CONTAINER, "", "sleep", "1002"));
    String debug = node.running(pid(NamespaceMode.TARGET, own, "sleep", "1003"));
    String first = "busybox tr '\\0' ' ' < /proc/1/cmdline";

    assertThat(node.sh(shared, first)).isEqualTo("sleep 1000 ");
    assertThat(node.sh(own, first)).isEqualTo("sleep 1002 ");
    assertThat(node.sh(debug, first)).isEqualTo("sleep 1002 ");
  }

  private ContainerConfig.Builder pid(NamespaceMode mode, String target, String... command) {
    return node.config(command)
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    context()
                        .setNamespaceOptions(
                            NamespaceOption.newBuilder().setPid(mode).setTargetId(target))));
  }

  private ContainerConfig.Builder secured(LinuxContainerSecurityContext.Builder context) {
    return node.config("sleep", "1000")
        .setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(context));
  }

  private static LinuxContainerSecurityContext.Builder context() {
    return LinuxContainerSecurityContext.newBuilder();
  }

  private static LinuxContainerSecurityContext.Builder seccomp(ProfileType type, String file) {
    return context()
        .setSeccomp(SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(file));
  }
}
