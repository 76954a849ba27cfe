package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@link CgroupDetails} of cgroups that {@link CgroupReader} has found; some hundred
 * microseconds each, more with many processes. What vanishes meanwhile is left out. Thread-safe.
 */
public final class CgroupDetailReader {
  private static final Pattern HUGE_PAGES =
      Pattern.compile("hugetlb\\.([0-9]+[KMG]B)\\.(usage_in_bytes|current)");

  // Below it are cgroups only if its folder has more links than an empty one (kernfs).
  private static final int LINKS_OF_A_LEAF = 2;
  private static final int DEEPEST = 8;

  private final Processes processes;

  public CgroupDetailReader(Processes processes) {
    this.processes = processes;
  }

  /** {@code pid} is that of the cgroup's first process, whose limits are told. */
  public CgroupDetails read(CgroupPaths paths, int pid) {
    return new CgroupDetails(
        cpu(paths),
        paths.of("memory").filter(dir -> Files.isDirectory(dir.path())).map(this::memory),
        paths.of("blkio").map(CgroupDetailReader::devices).orElse(List.of()),
        paths.of("hugetlb").map(CgroupDetailReader::hugePages).orElse(List.of()),
        tasks(paths, pid));
  }

  private static CpuDetails cpu(CgroupPaths paths) {
    Optional<CgroupDir> dir = paths.of("cpuacct");
    if (dir.isEmpty()) {
      return CpuDetails.v2("");
    }
    return switch (dir.get()) {
      case CgroupDir.V1(Path path) ->
          CpuDetails.v1(
              text(path, "cpuacct.stat"),
              paths.of("cpu").map(cpu -> text(cpu.path(), "cpu.stat")).orElse(""));
      case CgroupDir.V2(Path path) -> CpuDetails.v2(text(path, "cpu.stat"));
    };
  }

  private MemoryDetails memory(CgroupDir dir) {
    return switch (dir) {
      case CgroupDir.V1(Path path) ->
          MemoryDetails.v1(
              text(path, "memory.stat"),
              text(path, "memory.oom_control"),
              KernelText.number(path.resolve("memory.kmem.usage_in_bytes")),
              KernelText.number(path.resolve("memory.max_usage_in_bytes")),
              KernelText.number(path.resolve("memory.failcnt")),
              KernelText.number(path.resolve("memory.soft_limit_in_bytes")));
      case CgroupDir.V2(Path path) ->
          MemoryDetails.v2(
              text(path, "memory.stat"),
              text(path, "memory.events"),
              KernelText.number(path.resolve("memory.peak")),
              KernelText.number(path.resolve("memory.low")));
    };
  }

  // The throttling layer counts under every IO scheduler; "_recursive" is there since Linux 5.4.
  private static List<BlockUse> devices(CgroupDir dir) {
    return switch (dir) {
      case CgroupDir.V1(Path path) ->
          BlockUse.v1(blkio(path, "io_service_bytes"), blkio(path, "io_serviced"));
      case CgroupDir.V2(Path path) -> BlockUse.v2(text(path, "io.stat"));
    };
  }

  private static String blkio(Path dir, String what) {
    return KernelText.read(dir.resolve("blkio.throttle." + what + "_recursive"))
        .orElseGet(() -> text(dir, "blkio.throttle." + what));
  }

  private static List<HugePageUse> hugePages(CgroupDir dir) {
    List<HugePageUse> uses = new ArrayList<>();
    for (Path file : list(dir.path(), "hugetlb.*")) {
      Matcher name = HUGE_PAGES.matcher(file.getFileName().toString());
      OptionalLong usage = name.matches() ? KernelText.number(file) : OptionalLong.empty();
      if (usage.isPresent()) {
        String size = name.group(1);
        uses.add(
            new HugePageUse(
                size,
                usage.getAsLong(),
                KernelText.number(
                    dir.path().resolve("hugetlb.%s.max_usage_in_bytes".formatted(size)))));
      }
    }
    return uses;
  }

  private TaskDetails tasks(CgroupPaths paths, int pid) {
    Optional<Path> dir = paths.of("pids").or(() -> paths.of("memory")).map(CgroupDir::path);
    List<Integer> pids = new ArrayList<>();
    dir.ifPresent(path -> collect(path, DEEPEST, pids));
    long files = 0;
    OptionalLong sockets = OptionalLong.of(0);
    for (int process : pids) {
      OpenFiles open = processes.openFiles(process);
      files += open.files();
      sockets =
          sockets.isPresent() && open.sockets().isPresent()
              ? OptionalLong.of(sockets.getAsLong() + open.sockets().getAsLong())
              : OptionalLong.empty();
    }
    OptionalLong limit =
        dir.map(path -> KernelText.number(path.resolve("pids.max"))).orElse(OptionalLong.empty());
    return new TaskDetails(pids.size(), limit, files, sockets, processes.openFileLimit(pid));
  }

  private static void collect(Path dir, int depth, List<Integer> pids) {
    text(dir, "cgroup.procs").lines().map(Integer::valueOf).forEach(pids::add);
    if (depth > 0 && hasChildren(dir)) {
      for (Path child : list(dir, "*")) {
        if (Files.isDirectory(child)) {
          collect(child, depth - 1, pids);
        }
      }
    }
  }

  private static boolean hasChildren(Path dir) {
    try {
      return (int) Files.getAttribute(dir, "unix:nlink") > LINKS_OF_A_LEAF;
    } catch (IOException e) {
      return false;
    }
  }

  private static List<Path> list(Path dir, String glob) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir, glob)) {
      entries.forEach(found::add);
    } catch (IOException | DirectoryIteratorException e) {
      return found;
    }
    return found;
  }

  private static String text(Path dir, String file) {
    return KernelText.read(dir.resolve(file)).orElse("");
  }
}
