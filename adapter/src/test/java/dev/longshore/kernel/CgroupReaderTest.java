package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupReaderTest {
  private static final String ID = "a".repeat(64);
  private static final String OTHER = "b".repeat(64);

  @TempDir Path root;

  @Test
  void v1FilesAreReadFromTheHierarchyOfEachController() {
    FakeCgroups cgroups = FakeCgroups.v1(root);
    cgroups.put(7, ID);
    cgroups.memoryFile(ID, "memory.limit_in_bytes", "209715200\n");
    CgroupReader reader = cgroups.reader();
    CgroupPaths paths = reader.find(7, ID).orElseThrow();

    assertThat(reader.usage(paths).map(CgroupUsage::cpu)).contains(new CpuUsage(1_000_000_000));
    MemoryUsage memory = reader.usage(paths).flatMap(CgroupUsage::memory).orElseThrow();
    assertThat(memory.usageBytes()).isEqualTo(104_857_600);
    assertThat(memory.workingSetBytes()).isEqualTo(94_371_840);
    assertThat(memory.rssBytes()).isEqualTo(70_000_000);
    assertThat(memory.limitBytes()).hasValue(209_715_200);
    assertThat(memory.swap()).isEmpty();
  }

  @Test
  void v2FilesAreReadFromTheOneFolder() {
    FakeCgroups cgroups = FakeCgroups.v2(root);
    cgroups.put(7, ID);
    cgroups.memoryFile(ID, "memory.max", "209715200\n");
    cgroups.memoryFile(ID, "memory.swap.current", "4096\n");
    cgroups.memoryFile(ID, "memory.swap.max", "max\n");
    CgroupReader reader = cgroups.reader();
    CgroupPaths paths = reader.find(7, ID).orElseThrow();

    assertThat(reader.usage(paths).map(CgroupUsage::cpu)).contains(new CpuUsage(1_000_000_000));
    MemoryUsage memory = reader.usage(paths).flatMap(CgroupUsage::memory).orElseThrow();
    assertThat(memory.usageBytes()).isEqualTo(104_857_600);
    assertThat(memory.workingSetBytes()).isEqualTo(94_371_840);
    assertThat(memory.rssBytes()).isEqualTo(70_000_000);
    assertThat(memory.limitBytes()).hasValue(209_715_200);
    assertThat(memory.swap()).contains(new SwapUsage(4096, OptionalLong.empty()));
  }

  @Test
  void allThatACgroupUsesIsReadWithItsTasksInBothVersions() {
    for (FakeCgroups cgroups :
        List.of(FakeCgroups.v1(root.resolve("1")), FakeCgroups.v2(root.resolve("2")))) {
      cgroups.put(7, ID);
      cgroups.tasks(ID, 4);
      CgroupReader reader = cgroups.reader();

      CgroupUsage usage = reader.find(7, ID).flatMap(reader::usage).orElseThrow();

      assertThat(usage.cpu().totalNanos()).isEqualTo(1_000_000_000);
      assertThat(usage.memory()).isPresent();
      assertThat(usage.tasks()).hasValue(4);
    }
  }

  @Test
  void aHybridMachineHasPressureInV2BesideTheControllersOfV1() throws IOException {
    FakeCgroups cgroups = FakeCgroups.v1(root);
    cgroups.put(7, ID);
    Path mountinfo = cgroups.proc().resolve("self/mountinfo");
    String unified = "9 1 0:9 / %s rw - cgroup2 cgroup2 rw\n".formatted(root.resolve("unified"));
    Files.writeString(mountinfo, Files.readString(mountinfo) + unified);
    Path own = cgroups.proc().resolve("7/cgroup");
    Files.writeString(own, Files.readString(own) + "0::/kubepods/" + ID + "\n");
    Path folder = Files.createDirectories(root.resolve("unified/kubepods").resolve(ID));
    Files.writeString(
        folder.resolve("cpu.pressure"), "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n");
    CgroupReader reader = cgroups.reader();
    CgroupPaths paths = reader.find(7, ID).orElseThrow();

    CgroupUsage usage = reader.usage(paths).orElseThrow();

    assertThat(usage.pressures().cpu().orElseThrow().some().totalNanos()).isEqualTo(12_000);
    assertThat(usage.pressures().memory()).isEmpty();
    assertThat(usage.memory()).isPresent();
    assertThat(reader.name(paths)).isEqualTo("/kubepods/" + ID);
  }

  @Test
  void theNameOfACgroupIsThatOfItsHierarchyAlsoWhereOnlyAPartIsMounted() throws IOException {
    FakeCgroups cgroups = FakeCgroups.v2(root);
    Path mountinfo = cgroups.proc().resolve("self/mountinfo");
    Files.writeString(mountinfo, Files.readString(mountinfo).replace(" / ", " /vm/7 "));
    CgroupReader reader = cgroups.reader();
    Path folder = root.resolve("cgroup/kubepods.slice");

    assertThat(reader.name(new CgroupPaths(Map.of(), Optional.of(folder))))
        .isEqualTo("/vm/7/kubepods.slice");
    assertThat(reader.name(new CgroupPaths(Map.of(), Optional.of(Path.of("/elsewhere")))))
        .isEmpty();
  }

  @Test
  void trafficIsToldOnlyOfAProcessThatBelongsToItsOwner() throws IOException {
    FakeCgroups cgroups = FakeCgroups.v2(root);
    cgroups.put(7, ID);
    cgroups.network(7, "  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0");

    try (ProcessNetwork network = cgroups.reader().network(7, ID).orElseThrow()) {
      assertThat(network.interfaces()).extracting(InterfaceUse::name).containsExactly("eth0");
    }
    cgroups.putProcess(7, OTHER);
    assertThat(cgroups.reader().network(7, ID)).isEmpty();
    assertThat(cgroups.reader().network(8, ID)).isEmpty();
    assertThat(OpenInTests.below(root)).isEmpty();
  }

  @Test
  void theNetworkOfAProcessThatHasEndedIsNotThatOfTheNextWithItsPid() throws Exception {
    Path own = Path.of("/proc/self/cgroup");
    assumeTrue(Files.isReadable(own), "no procfs here");
    Process ends = new ProcessBuilder("cat").start();
    try (ProcessNetwork network =
        new CgroupReader(Path.of("/proc")).network((int) ends.pid(), "").orElseThrow()) {
      assertThat(network.interfaces()).isNotEmpty();

      ends.getOutputStream().close();
      ends.waitFor();

      assertThat(network.interfaces()).isEmpty();
    }
  }

  @Test
  void aProcessThatIsGoneHasNoCgroup() {
    assertThat(FakeCgroups.v1(root).reader().find(7, ID)).isEmpty();
  }

  @Test
  void aPidThatNowBelongsToAnotherContainerIsNotTakenForTheOld() {
    FakeCgroups cgroups = FakeCgroups.v2(root);
    cgroups.put(7, OTHER);

    assertThat(cgroups.reader().find(7, ID)).isEmpty();
    assertThat(cgroups.reader().find(7, OTHER)).isPresent();
  }

  @Test
  void aCgroupThatVanishedSinceItWasFoundIsAnEmptyAnswer() {
    FakeCgroups cgroups = FakeCgroups.v1(root);
    cgroups.put(7, ID);
    CgroupReader reader = cgroups.reader();
    CgroupPaths paths = reader.find(7, ID).orElseThrow();

    cgroups.remove(7, ID);

    assertThat(reader.usage(paths).map(CgroupUsage::cpu)).isEmpty();
    assertThat(reader.usage(paths).flatMap(CgroupUsage::memory)).isEmpty();
  }

  @Test
  void aMountMadeAfterTheReaderWasIsSeenAllTheSame() throws Exception {
    FakeCgroups cgroups = FakeCgroups.v1(root);
    Path mountinfo = cgroups.proc().resolve("self/mountinfo");
    String text = Files.readString(mountinfo);
    Files.writeString(mountinfo, "");
    CgroupReader reader = cgroups.reader();
    cgroups.put(7, ID);

    Files.writeString(mountinfo, text);

    assertThat(reader.find(7, ID)).isPresent();
  }

  @Test
  void anInterruptedThreadStillReads() {
    FakeCgroups cgroups = FakeCgroups.v1(root);
    cgroups.put(7, ID);
    CgroupReader reader = cgroups.reader();

    Thread.currentThread().interrupt();
    try {
      assertThat(reader.find(7, ID).flatMap(reader::usage)).isPresent();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void thisProcessHasUsedCpuTimeOnTheRealKernel() throws Exception {
    Path own = Path.of("/proc/self/cgroup");
    assumeTrue(Files.isReadable(own), "no procfs here");
    CgroupMounts mounts = CgroupMounts.parse(Files.readString(Path.of("/proc/self/mountinfo")));
    CgroupPaths paths = CgroupPaths.parse(Files.readString(own), mounts);
    assumeTrue(!paths.isEmpty(), "no cgroup of this process is mounted here");
    CgroupReader reader = new CgroupReader(Path.of("/proc"));

    CpuUsage before = reader.usage(paths).map(CgroupUsage::cpu).orElseThrow();
    CpuUsage after = before;
    for (int i = 0; i < 1_000_000 && after.equals(before); i++) {
      after = reader.usage(paths).map(CgroupUsage::cpu).orElseThrow();
    }

    assertThat(after.totalNanos()).isGreaterThan(before.totalNanos());
  }
}
