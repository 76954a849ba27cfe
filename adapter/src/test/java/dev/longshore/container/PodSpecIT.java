package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.RealNode.mount;
import static dev.longshore.container.RealNode.number;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.CDIDevice;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.HugepageLimit;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.LinuxContainerSecurityContext;
import dev.longshore.cri.v1.Mount;
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

/** Limits, users and mounts on a real Engine, seen from the kernel and from inside. */
@TestInstance(Lifecycle.PER_CLASS)
class PodSpecIT {
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
  void resizedLimitsAreInTheCgroupAndInTheStatusAtOnce() {
    String id = node.running(limited(limits().setMemoryLimitInBytes(64 * MIB).setCpuShares(512)));
    assertThat(memoryLimit(id)).isEqualTo(64 * MIB);

    update(id, limits().setMemoryLimitInBytes(128 * MIB).setCpuPeriod(100_000).setCpuQuota(30_000));
    assertThat(memoryLimit(id)).isEqualTo(128 * MIB);
    assertThat(quota(id)).isEqualTo("30000");
    assertThat(status(id).getMemoryLimitInBytes()).isEqualTo(128 * MIB);
    assertThat(status(id).getCpuQuota()).isEqualTo(30_000);

    update(id, limits().setMemoryLimitInBytes(-1).setCpuQuota(-1));
    assertThat(memoryLimit(id)).isGreaterThan(1L << 60);
    assertThat(quota(id)).isIn("-1", "max");
    assertThat(status(id).getMemoryLimitInBytes()).isZero();

    update(id, limits().setMemoryLimitInBytes(32 * MIB));
    assertThat(memoryLimit(id)).isEqualTo(32 * MIB);
    assertThat(status(id).getMemorySwapLimitInBytes()).isEqualTo(32 * MIB);
    assertThat(status(id).getCpuShares()).isEqualTo(512);
  }

  @Test
  void memoryBelowItsUseIsRefusedWithTheUse() {
    String id = node.running(limited(limits().setMemoryLimitInBytes(256 * MIB)));
    node.sh(id, "head -c 60000000 /dev/zero > /dev/shm/x");

    assertFails(Kind.NOT_READY, () -> update(id, limits().setMemoryLimitInBytes(16 * MIB)))
        .hasMessageMatching("(?s).*it uses [5-9][0-9]{7} bytes.*");
    assertThat(memoryLimit(id)).isEqualTo(256 * MIB);
  }

  @Test
  void theNumberOfProcessesIsLimitedFromTheFirst() {
    String id = node.running(limited(limits().putUnified("pids.max", "9")));

    assertThat(node.sh(id, "cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2>/dev/null"))
        .startsWith("9");
    assertThat(status(id).getUnifiedOrThrow("pids.max")).isEqualTo("9");
  }

  @Test
  void whatKubeletsAlwaysSendIsNoObstacle() {
    String id =
        node.running(
            limited(
                limits()
                    .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
                    .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("1GB"))
                    .putUnified("memory.oom.group", "1")
                    .putUnified("memory.swap.max", "0")));

    assertThat(node.sh(id, "echo runs")).startsWith("runs");
  }

  @Test
  void theUserIsTold() {
    String id =
        node.running(
            node.config("sleep", "1000")
                .setLinux(
                    LinuxContainerConfig.newBuilder()
                        .setSecurityContext(
                            LinuxContainerSecurityContext.newBuilder()
                                .setRunAsUser(number(1000))
                                .setRunAsGroup(number(2000))
                                .addSupplementalGroups(3000))));
    var user = node.status(id).getUser().getLinux();

    assertThat(user.getUid()).isEqualTo(1000);
    assertThat(user.getGid()).isEqualTo(2000);
    assertThat(user.getSupplementalGroupsList()).contains(3000L);
  }

  @Test
  void aMissingHostPathIsMadeAndALinkIsFollowed(@TempDir Path folder) throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Files.writeString(real.resolve("file"), "through the link");
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    Path missing = folder.resolve("not/there");
    String id =
        node.running(
            node.config("sleep", "1000")
                .addMounts(mount(link, "/link"))
                .addMounts(mount(missing, "/missing")));

    assertThat(node.sh(id, "cat /link/file")).startsWith("through the link");
    assertThat(Files.isDirectory(missing)).isTrue();
    assertThat(node.status(id).getMountsList())
        .extracting(Mount::getHostPath)
        .contains(link.toString(), missing.toString());
  }

  @Test
  void whatThisEngineCannotDoIsRefusedByName(@TempDir Path folder) {
    var recursive = mount(folder, "/x").setReadonly(true).setRecursiveReadOnly(true);
    var cdi = CDIDevice.newBuilder().setName("vendor.com/gpu=0");

    assertFails(Kind.UNSUPPORTED, () -> node.create(node.config("true").addMounts(recursive)))
        .hasMessageStartingWith("RROUnsupported: ");
    assertFails(Kind.UNSUPPORTED, () -> node.create(node.config("true").addCDIDevices(cdi)))
        .hasMessageContaining("vendor.com/gpu=0 needs Docker Engine 25");
    assertFails(
            Kind.UNSUPPORTED, () -> node.create(limited(limits().putUnified("memory.high", "9"))))
        .hasMessageContaining("needs cgroup v2");
  }

  @Test
  void aStartThatFailsIsToldReadably() {
    String id = node.create(node.config("/no/such/program"));
    assertFails(Kind.INVALID, () -> node.startOnly(id));

    assertThat(node.status(id).getReason()).isEqualTo("ContainerCannotRun");
    assertThat(node.status(id).getMessage()).startsWith("exec: \"/no/such/program\"");
  }

  private long memoryLimit(String id) {
    String text =
        node.sh(
            id,
            "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null"
                + " || cat /sys/fs/cgroup/memory.max");
    return text.strip().equals("max") ? Long.MAX_VALUE : Long.parseLong(text.strip());
  }

  private String quota(String id) {
    return node.sh(
            id,
            "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null"
                + " || cut -d' ' -f1 /sys/fs/cgroup/cpu.max")
        .strip();
  }

  private LinuxContainerResources status(String id) {
    return node.status(id).getResources().getLinux();
  }

  private void update(String id, LinuxContainerResources.Builder limits) {
    node.update.handle(
        UpdateContainerResourcesRequest.newBuilder().setContainerId(id).setLinux(limits).build(),
        RealNode.soon());
  }

  private ContainerConfig.Builder limited(LinuxContainerResources.Builder limits) {
    return node.config("sleep", "1000")
        .setLinux(LinuxContainerConfig.newBuilder().setResources(limits));
  }

  private static LinuxContainerResources.Builder limits() {
    return LinuxContainerResources.newBuilder();
  }
}
