package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CgroupPathsTest {
  private static final String ID =
      "6a371c5d91140932abc9c74cbd58de17f58267341b53df176cb6cd6ff963d132";

  private static final String V1_MOUNTS =
      """
      21 26 0:20 / /proc rw,relatime - proc proc rw
      30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      31 30 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
      32 30 0:29 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
      33 30 0:30 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
      34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
      """;

  private static final String COMBINED_MOUNTS =
      """
      31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct
      34 30 0:31 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory
      """;

  private static final String V2_MOUNT =
      """
      25 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
      30 22 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
      """;

  private static final String HYBRID_MOUNT =
      """
      40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
      """;

  @Test
  void aSeparateV1HierarchyPerControllerIsFoundAtItsMount() {
    CgroupPaths paths =
        parse("9:name=systemd:/s\n4:memory:/docker/a\n2:cpuacct:/docker/b\n1:cpu:/c\n", V1_MOUNTS);

    assertThat(paths.of("memory")).contains(v1("/sys/fs/cgroup/memory/docker/a"));
    assertThat(paths.of("cpuacct")).contains(v1("/sys/fs/cgroup/cpuacct/docker/b"));
    assertThat(paths.of("cpu")).contains(v1("/sys/fs/cgroup/cpu/c"));
    assertThat(paths.of("pids")).isEmpty();
    assertThat(paths.v2()).isEmpty();
  }

  @Test
  void controllersThatShareAV1HierarchyShareItsFolder() {
    CgroupPaths paths = parse("5:memory:/m\n3:cpu,cpuacct:/kubepods/x\n", COMBINED_MOUNTS);

    CgroupDir shared = v1("/sys/fs/cgroup/cpu,cpuacct/kubepods/x");
    assertThat(paths.of("cpu")).contains(shared);
    assertThat(paths.of("cpuacct")).contains(shared);
  }

  @Test
  void withV2EveryControllerIsInTheOneFolder() {
    CgroupPaths paths = parse("0::/kubepods.slice/docker-x.scope\n", V2_MOUNT);

    CgroupDir only = new CgroupDir.V2(Path.of("/sys/fs/cgroup/kubepods.slice/docker-x.scope"));
    assertThat(paths.of("cpuacct")).contains(only);
    assertThat(paths.of("memory")).contains(only);
  }

  @Test
  void aHybridMachineHasV1ControllersInV1AndTheOthersInV2() {
    CgroupPaths paths = parse("4:memory:/d/x\n0::/d/x\n", V1_MOUNTS + HYBRID_MOUNT);

    assertThat(paths.of("memory")).contains(v1("/sys/fs/cgroup/memory/d/x"));
    assertThat(paths.of("io")).contains(new CgroupDir.V2(Path.of("/sys/fs/cgroup/unified/d/x")));
  }

  @ParameterizedTest
  @CsvSource({
    "/,               /docker/a,       /mnt/docker/a",
    "/,               /,               /mnt/",
    "/docker/host,    /docker/host/a,  /mnt/a",
    "/docker/host,    /docker/host,    /mnt",
    "/docker/host,    /docker/hostile, ''",
    "/docker/host,    /,               ''",
    "/../..,          /a,              ''",
  })
  void aMountOfPartOfAHierarchyShowsOnlyThatPart(String root, String cgroup, String folder) {
    CgroupPaths paths = parse("0::" + cgroup, "1 2 0:3 " + root + " /mnt rw - cgroup2 none rw");

    assertThat(paths.v2())
        .isEqualTo(folder.isEmpty() ? Optional.empty() : Optional.of(Path.of(folder)));
  }

  @Test
  void spacesAndBackslashesOfAMountPointAreUnescaped() {
    CgroupPaths paths = parse("0::/a", "1 2 0:3 / /odd\\040name\\134x rw - cgroup2 none rw");

    assertThat(paths.v2()).contains(Path.of("/odd name\\x/a"));
  }

  @ParameterizedTest
  @CsvSource({
    "/docker/ID,                              /sys/fs/cgroup/docker/ID",
    "/kubepods/besteffort/pod1/ID,            /sys/fs/cgroup/kubepods/besteffort/pod1/ID",
    "/kubepods.slice/docker-ID.scope,         /sys/fs/cgroup/kubepods.slice/docker-ID.scope",
    "/kubepods.slice/docker-ID.scope/init,    /sys/fs/cgroup/kubepods.slice/docker-ID.scope",
    "/docker/ID/kubelet/kubepods/x,           /sys/fs/cgroup/docker/ID",
    "/system.slice/sshd.service,              ''",
  })
  void theCutLeavesTheCgroupThatIsNamedForTheContainer(String cgroup, String folder) {
    CgroupPaths paths = parse("0::" + cgroup.replace("ID", ID), V2_MOUNT).cutAt(ID);

    assertThat(paths.v2().map(Path::toString).orElse("")).isEqualTo(folder.replace("ID", ID));
    assertThat(paths.isEmpty()).isEqualTo(folder.isEmpty());
  }

  @Test
  void theCutHoldsForEveryV1Hierarchy() {
    String text = "4:memory:/docker/" + ID + "/below\n1:cpu:/elsewhere\n";

    CgroupPaths paths = parse(text, V1_MOUNTS).cutAt(ID);

    assertThat(paths.v1()).containsOnlyKeys("memory");
    assertThat(paths.of("memory")).contains(v1("/sys/fs/cgroup/memory/docker/" + ID));
  }

  @ParameterizedTest
  @CsvSource({"''", "rubbish", "'1:cpu'", "'::'", "' - cgroup'", "'1 2 - cgroup2 x'"})
  void textOfAnotherFormSaysNothing(String rubbish) {
    assertThat(parse(rubbish, V1_MOUNTS).isEmpty()).isTrue();
    assertThat(parse("0::/a\n1:cpu:/b", rubbish).isEmpty()).isTrue();
  }

  private static CgroupPaths parse(String procCgroup, String mountinfo) {
    return CgroupPaths.parse(procCgroup, CgroupMounts.parse(mountinfo));
  }

  private static CgroupDir v1(String path) {
    return new CgroupDir.V1(Path.of(path));
  }

  @Test
  void theCgroupsAboveAreOneStepUpInEachHierarchy() {
    CgroupPaths paths =
        new CgroupPaths(
            Map.of("memory", Path.of("/cg/memory/pod1/abc"), "cpu", Path.of("/cg/cpu/pod1/abc")),
            Optional.of(Path.of("/cg/unified/pod1/abc")));

    assertThat(paths.parents())
        .isEqualTo(
            new CgroupPaths(
                Map.of("memory", Path.of("/cg/memory/pod1"), "cpu", Path.of("/cg/cpu/pod1")),
                Optional.of(Path.of("/cg/unified/pod1"))));
  }
}
