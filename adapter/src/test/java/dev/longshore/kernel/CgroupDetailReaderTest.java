package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts in the forms of the kernel's cgroup-v1 documents and of cgroup-v2.rst. */
class CgroupDetailReaderTest {
  private static final String NONE = "9223372036854771712\n";

  @TempDir Path root;

  @Test
  void v1HasEachControllerInAHierarchyOfItsOwn() {
    write("cpuacct/c/cpuacct.stat", "user 300\nsystem 100\n");
    write(
        "cpu/c/cpu.stat",
        """
        nr_periods 100
        nr_throttled 40
        throttled_time 2500000000
        nr_bursts 0
        burst_time 0
        """);
    write(
        "memory/c/memory.stat",
        """
        cache 10
        rss 20
        pgfault 7
        pgmajfault 1
        total_cache 4096
        total_mapped_file 1024
        total_pgfault 70
        """);
    write("memory/c/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
    write("memory/c/memory.kmem.usage_in_bytes", "2048\n");
    write("memory/c/memory.max_usage_in_bytes", "9000\n");
    write("memory/c/memory.failcnt", "11\n");
    write("memory/c/memory.soft_limit_in_bytes", NONE);
    write(
        "blkio/c/blkio.throttle.io_service_bytes_recursive",
        """
        254:0 Read 4096
        254:0 Write 8192
        254:0 Sync 0
        254:0 Async 12288
        254:0 Discard 0
        254:0 Total 12288
        Total 12288
        """);
    write(
        "blkio/c/blkio.throttle.io_serviced_recursive",
        "254:0 Read 1\n254:0 Write 2\n254:0 Total 3\nTotal 3\n");
    write("hugetlb/c/hugetlb.2MB.usage_in_bytes", "2097152\n");
    write("hugetlb/c/hugetlb.2MB.max_usage_in_bytes", "4194304\n");
    write("pids/c/pids.max", "64\n");
    write("pids/c/cgroup.procs", "7\n8\n");

    CgroupDetails details = read(v1("cpuacct", "cpu", "memory", "blkio", "hugetlb", "pids"));

    assertThat(details.cpu())
        .isEqualTo(
            new CpuDetails(
                OptionalLong.of(3_000_000_000L),
                OptionalLong.of(1_000_000_000L),
                Optional.of(new Throttling(100, 40, 2_500_000_000L))));
    assertThat(details.memory())
        .contains(
            new MemoryDetails(
                4096,
                1024,
                OptionalLong.of(2048),
                OptionalLong.of(9000),
                OptionalLong.of(11),
                OptionalLong.of(3),
                7,
                1,
                OptionalLong.empty()));
    assertThat(details.devices()).containsExactly(new BlockUse("254:0", 4096, 8192, 1, 2));
    assertThat(details.hugePages())
        .containsExactly(new HugePageUse("2MB", 2_097_152, OptionalLong.of(4_194_304)));
    assertThat(details.tasks().processes()).isEqualTo(2);
    assertThat(details.tasks().limit()).hasValue(64);
  }

  @Test
  void v2HasAllInOneFolder() {
    write(
        "c/cpu.stat",
        """
        usage_usec 4000000
        user_usec 3000000
        system_usec 1000000
        nr_periods 100
        nr_throttled 40
        throttled_usec 2500000
        """);
    write(
        "c/memory.stat",
        "anon 20\nfile 4096\nkernel 2048\nfile_mapped 1024\npgfault 70\npgmajfault 5\n");
    write("c/memory.events", "low 0\nhigh 0\nmax 11\noom 4\noom_kill 3\noom_group_kill 0\n");
    write("c/memory.peak", "9000\n");
    write("c/memory.low", "512\n");
    write("c/io.stat", "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:0\n");
    write("c/hugetlb.2MB.current", "2097152\n");
    write("c/hugetlb.2MB.rsvd.current", "1\n");
    write("c/pids.max", "max\n");
    write("c/cgroup.procs", "7\n");

    CgroupDetails details = read(v2());

    assertThat(details.cpu())
        .isEqualTo(
            new CpuDetails(
                OptionalLong.of(3_000_000_000L),
                OptionalLong.of(1_000_000_000L),
                Optional.of(new Throttling(100, 40, 2_500_000_000L))));
    assertThat(details.memory())
        .contains(
            new MemoryDetails(
                4096,
                1024,
                OptionalLong.of(2048),
                OptionalLong.of(9000),
                OptionalLong.of(11),
                OptionalLong.of(3),
                70,
                5,
                OptionalLong.of(512)));
    assertThat(details.devices()).containsExactly(new BlockUse("254:0", 4096, 8192, 1, 2));
    assertThat(details.hugePages())
        .containsExactly(new HugePageUse("2MB", 2_097_152, OptionalLong.empty()));
    assertThat(details.tasks().processes()).isEqualTo(1);
    assertThat(details.tasks().limit()).isEmpty();
  }

  @Test
  void kernelMemoryIsTheSumOfItsPartsBeforeLinuxToldItTogether() {
    write("c/memory.stat", "kernel_stack 100\npagetables 20\nslab 3\nsock 9000\n");

    assertThat(read(v2()).memory().orElseThrow().kernelBytes()).hasValue(123);
  }

  @Test
  void whatTheKernelDoesNotTellIsEmpty() throws IOException {
    Files.createDirectories(root.resolve("c"));

    CgroupDetails details = read(v2());

    assertThat(details.cpu().userNanos()).isEmpty();
    assertThat(details.cpu().throttling()).isEmpty();
    MemoryDetails memory = details.memory().orElseThrow();
    assertThat(memory.kernelBytes()).isEmpty();
    assertThat(memory.maxBytes()).isEmpty();
    assertThat(memory.oomKills()).isEmpty();
    assertThat(details.devices()).isEmpty();
    assertThat(details.hugePages()).isEmpty();
    assertThat(details.tasks()).isEqualTo(tasks(0, 0, 0));
  }

  @Test
  void aCgroupThatIsGoneHasNoMemoryNumbers() {
    assertThat(read(v2()).memory()).isEmpty();
  }

  @Test
  void processesOfCgroupsBelowCountToo() {
    write("c/cgroup.procs", "7\n");
    write("c/init.scope/cgroup.procs", "8\n");
    write("c/system.slice/a.service/cgroup.procs", "9\n10\n");

    assertThat(read(v2()).tasks().processes()).isEqualTo(4);
  }

  @Test
  void descriptorsAndSocketsOfAllProcessesAreCounted() throws IOException {
    write("c/cgroup.procs", "7\n8\n9\n");
    descriptor(7, 0, "/dev/null");
    descriptor(7, 1, "socket:[123]");
    descriptor(8, 0, "socket:[124]");
    write("proc/7/limits", limits("1024"));

    assertThat(read(v2()).tasks()).isEqualTo(tasks(3, 3, 2, 1024));
  }

  @Test
  void aLimitThatIsUnlimitedIsNone() {
    write("c/cgroup.procs", "7\n");
    write("proc/7/limits", limits("unlimited"));

    assertThat(read(v2()).tasks().openFileLimit()).isEmpty();
  }

  private CgroupDetails read(CgroupPaths paths) {
    return new CgroupDetailReader(new Processes(root.resolve("proc"))).read(paths, 7);
  }

  private CgroupPaths v1(String... controllers) {
    return new CgroupPaths(
        List.of(controllers).stream()
            .collect(Collectors.toMap(c -> c, c -> root.resolve(c).resolve("c"))),
        Optional.empty());
  }

  private CgroupPaths v2() {
    return new CgroupPaths(Map.of(), Optional.of(root.resolve("c")));
  }

  private static TaskDetails tasks(int processes, long files, long sockets) {
    return new TaskDetails(
        processes, OptionalLong.empty(), files, OptionalLong.of(sockets), OptionalLong.empty());
  }

  private static TaskDetails tasks(int processes, long files, long sockets, long limit) {
    return new TaskDetails(
        processes, OptionalLong.empty(), files, OptionalLong.of(sockets), OptionalLong.of(limit));
  }

  private static String limits(String soft) {
    return """
    Limit                     Soft Limit           Hard Limit           Units
    Max processes             95963                95963                processes
    Max open files            SOFT                 1048576              files
    """
        .replace("SOFT", soft);
  }

  private void descriptor(int pid, int number, String target) throws IOException {
    Path folder = Files.createDirectories(root.resolve("proc/%d/fd".formatted(pid)));
    Files.createSymbolicLink(folder.resolve(Integer.toString(number)), Path.of(target));
  }

  private void write(String file, String text) {
    try {
      Path path = root.resolve(file);
      Files.createDirectories(path.resolve("..").normalize());
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
