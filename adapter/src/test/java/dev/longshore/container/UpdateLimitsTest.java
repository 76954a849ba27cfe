package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Node.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.HugepageLimit;
import dev.longshore.cri.v1.LinuxContainerConfig;
import dev.longshore.cri.v1.LinuxContainerResources;
import dev.longshore.cri.v1.UpdateContainerResourcesRequest;
import dev.longshore.docker.EngineState;
import dev.longshore.kernel.FakeCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits of running containers, with the files of cgroup v2. */
class UpdateLimitsTest {
  private static final long MIB = 1 << 20;

  private Node node;
  private FakeCgroups cgroups;

  @BeforeEach
  void begin(@TempDir Path folder) {
    cgroups = FakeCgroups.v2(folder.resolve("host"));
    node = new Node(folder, cgroups, Optional.of(Samples.engine("28.5.1", "1.51", Set.of())));
  }

  @AfterEach
  void end() {
    node.close();
  }

  @Test
  void memoryBelowItsUseIsRefusedWithTheUse() {
    String id = running(limits());
    node.docker.clearCalls();

    // 100 MiB in use, of which the kernel can take back 10 at once.
    assertFails(Kind.NOT_READY, () -> update(id, limits().setMemoryLimitInBytes(89 * MIB)))
        .hasMessageContaining("uses 94371840 bytes")
        .hasMessageContaining(Node.APP);
    assertThat(node.docker.calls()).isEmpty();
    update(id, limits().setMemoryLimitInBytes(91 * MIB));
    assertThat(status(id).getMemoryLimitInBytes()).isEqualTo(91 * MIB);
    update(id, limits().setMemoryLimitInBytes(-1));
    assertThat(status(id).getMemoryLimitInBytes()).isZero();
  }

  @Test
  void whatDockerHasNoFieldForIsInTheCgroupAndInTheStatusAtOnce() {
    String id = running(limits());
    cgroups.memoryFile(id, "memory.high", "max");
    cgroups.memoryFile(id, "hugetlb.2MB.max", "max");
    cgroups.memoryFile(id, "hugetlb.2MB.rsvd.max", "max");
    update(
        id,
        limits()
            .putUnified("memory.high", "52428800")
            .addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 * MIB)));

    assertThat(cgroups.memoryFile(id, "memory.high")).startsWith("52428800");
    assertThat(cgroups.memoryFile(id, "hugetlb.2MB.max")).startsWith("4194304");
    assertThat(cgroups.memoryFile(id, "hugetlb.2MB.rsvd.max")).startsWith("4194304");
    assertThat(status(id).getUnifiedOrThrow("memory.high")).isEqualTo("52428800");
    assertThat(status(id).getHugepageLimits(0).getLimit()).isEqualTo(4 * MIB);
  }

  /** One file or more of each controller, in the forms of the kernel's document on cgroup v2. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpu.max | 30000 100000",
        "cpu.weight.nice | 5",
        "cpuset.cpus | 0-1",
        "cpuset.mems | 0",
        "hugetlb.1GB.max | 2147483648",
        "io.max | 8:16 rbps=2097152 wiops=120",
        "io.weight | default 50",
        "memory.high | 52428800",
        "memory.low | 1048576",
        "memory.swap.max | 7340032",
        "misc.max | res_a 1",
        "rdma.max | mlx4_0 hca_handle=2 hca_object=2000",
      })
  void everyControllersLimitIsWrittenAtTheStartAndReadBack(String file, String limit) {
    String id = node.create(config(limits().putUnified(file, limit)));
    cgroups.put(nextPid(), id);
    cgroups.memoryFile(id, file, "");
    node.startOnly(id);

    assertThat(cgroups.memoryFile(id, file).strip()).isEqualTo(limit);
    LinuxContainerResources told = status(id);
    if (file.startsWith("hugetlb")) {
      assertThat(told.getHugepageLimits(0).getPageSize()).isEqualTo("1GB");
    } else {
      assertThat(told.getUnifiedMap()).containsEntry(file, limit);
    }
  }

  @Test
  void aFileTheKernelDoesNotHaveIsRefusedAndOneThatAsksForNothingIsNot() {
    String id = running(limits());

    assertFails(Kind.UNSUPPORTED, () -> update(id, limits().putUnified("memory.high", "7")))
        .hasMessageContaining("memory.high=7");
    update(id, limits().putUnified("memory.high", "max").putUnified("memory.oom.group", "1"));
    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void aContainerThatHasNotStartedTakesDockersLimitsOnly() {
    String id = node.create(config(limits()));

    update(id, limits().setCpuShares(7));
    assertThat(status(id).getCpuShares()).isEqualTo(7);
    assertFails(Kind.NOT_READY, () -> update(id, limits().putUnified("memory.high", "7")))
        .hasMessageContaining("memory.high");
  }

  @Test
  void aContainerStartsWithItsLimitsAndItsUserIsTold() throws IOException {
    String id = node.create(config(limits().putUnified("memory.high", "9")));
    // The pids of the fake Docker count up: the next container gets the next one.
    int pid = nextPid();
    cgroups.put(pid, id);
    cgroups.memoryFile(id, "memory.high", "max");
    Files.writeString(
        cgroups.proc().resolve(pid + "/status"),
        "Uid:\t7\t7\t7\t7\nGid:\t8\t8\t8\t8\nGroups:\t8 9 \n");
    node.startOnly(id);

    assertThat(cgroups.memoryFile(id, "memory.high")).startsWith("9");
    var user = node.status(id).getUser().getLinux();
    assertThat(user.getUid()).isEqualTo(7);
    assertThat(user.getGid()).isEqualTo(8);
    assertThat(user.getSupplementalGroupsList()).containsExactly(8L, 9L);
  }

  @Test
  void aContainerWhoseLimitsCannotBeSetDoesNotRun() {
    String id = node.create(config(limits().putUnified("memory.high", "9")));
    cgroups.put(nextPid(), id);

    assertFails(Kind.UNSUPPORTED, () -> node.startOnly(id))
        .hasMessageContaining("killed at its start")
        .hasMessageContaining("memory.high=9");
    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  private int nextPid() {
    String id = node.create(named("probe"));
    node.startOnly(id);
    return pid(id) + 1;
  }

  private int pid(String id) {
    return node.docker.peek(id).orElseThrow().state() instanceof EngineState.Running running
        ? running.pid()
        : 0;
  }

  private String running(LinuxContainerResources.Builder limits) {
    String id = node.create(config(limits));
    node.startOnly(id);
    cgroups.put(pid(id), id);
    return id;
  }

  private LinuxContainerResources status(String id) {
    return node.status(id).getResources().getLinux();
  }

  private void update(String id, LinuxContainerResources.Builder limits) {
    node.update.handle(
        UpdateContainerResourcesRequest.newBuilder().setContainerId(id).setLinux(limits).build(),
        soon());
  }

  private static ContainerConfig.Builder named(String name) {
    ContainerConfig.Builder config = Samples.config();
    config.getMetadataBuilder().setName(name);
    return config;
  }

  private static ContainerConfig.Builder config(LinuxContainerResources.Builder limits) {
    return Samples.config().setLinux(LinuxContainerConfig.newBuilder().setResources(limits));
  }

  private static LinuxContainerResources.Builder limits() {
    return LinuxContainerResources.newBuilder();
  }
}
