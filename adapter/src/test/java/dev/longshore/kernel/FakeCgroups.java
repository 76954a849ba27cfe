package dev.longshore.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A proc and a cgroup file system made of plain files below one folder. Cgroups are named as
 * Docker's two drivers name them: {@code /kubepods/<id>} in v1, {@code
 * /kubepods.slice/docker-<id>.scope} in v2.
 */
public final class FakeCgroups {
  private final Path root;
  private final boolean v2;

  private FakeCgroups(Path root, boolean v2, String mountinfo) {
    this.root = root;
    this.v2 = v2;
    write("proc/self/mountinfo", mountinfo.replace("ROOT", root.toString()));
  }

  /** Version 1, with cpuacct and memory mounted separately. */
  public static FakeCgroups v1(Path root) {
    return new FakeCgroups(
        root,
        false,
        """
        1 0 0:1 / / rw - ext4 /dev/vda rw
        2 1 0:2 / ROOT/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct
        3 1 0:3 / ROOT/cgroup/memory rw - cgroup cgroup rw,memory
        4 1 0:4 / ROOT/cgroup/pids rw - cgroup cgroup rw,pids
        """);
  }

  /** Version 2. */
  public static FakeCgroups v2(Path root) {
    return new FakeCgroups(root, true, "2 1 0:2 / ROOT/cgroup rw - cgroup2 cgroup2 rw\n");
  }

  /** Where procfs is. */
  public Path proc() {
    return root.resolve("proc");
  }

  public CgroupReader reader() {
    return new CgroupReader(proc());
  }

  /** A process in the cgroup of that container; 100 MiB used, 10 MiB of them inactive cache. */
  public void put(int pid, String containerId) {
    putProcess(pid, containerId);
    cpu(containerId, 1_000_000_000L);
    if (v2) {
      String dir = "cgroup" + cgroup(containerId) + "/";
      write(dir + "memory.current", "104857600\n");
      write(dir + "memory.max", "max\n");
      write(
          dir + "memory.stat", "anon 70000000\ninactive_file 10485760\npgfault 9\npgmajfault 2\n");
    } else {
      String dir = "cgroup/memory" + cgroup(containerId) + "/";
      write(dir + "memory.usage_in_bytes", "104857600\n");
      write(dir + "memory.limit_in_bytes", "9223372036854771712\n");
      write(
          dir + "memory.stat",
          """
          total_rss 70000000
          total_inactive_file 10485760
          total_pgfault 9
          total_pgmajfault 2
          """);
    }
  }

  /** A process in the cgroup of that container, whose files are left as they are. */
  public void putProcess(int pid, String containerId) {
    String cgroup = cgroup(containerId);
    write(
        "proc/%d/cgroup".formatted(pid),
        v2
            ? "0::" + cgroup + "\n"
            : """
            3:pids:CGROUP
            2:memory:CGROUP
            1:cpuacct:CGROUP
            """
                .replace("CGROUP", cgroup));
  }

  /** What the process sees of its network: a {@code net/dev} of these lines below its headings. */
  public void network(int pid, String... interfaces) {
    write(
        "proc/%d/net/dev".formatted(pid),
        """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
        """
            + String.join("\n", interfaces)
            + "\n");
  }

  /** The process's root is an overlay that keeps in {@code upper} what is written to it. */
  public void overlay(int pid, String upper) {
    write(
        "proc/%d/mountinfo".formatted(pid),
        """
        700 600 0:51 / / rw,relatime - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=UPPER,workdir=/w
        701 700 0:52 / /tmp rw - overlay overlay rw,lowerdir=/l,upperdir=/other,workdir=/x
        """
            .replace("UPPER", upper));
  }

  /** The tasks that the container has. */
  public void tasks(String containerId, int number) {
    write((v2 ? "cgroup" : "cgroup/pids") + cgroup(containerId) + "/pids.current", number + "\n");
  }

  /** Another text for one file of the cgroup above all containers' own; version 2 only. */
  public void podFile(String file, String text) {
    write("cgroup/kubepods.slice/" + file, text);
  }

  /** The CPU time the container has used. */
  public void cpu(String containerId, long nanos) {
    String cgroup = cgroup(containerId);
    if (v2) {
      write("cgroup" + cgroup + "/cpu.stat", "usage_usec %d\n".formatted(nanos / 1000));
    } else {
      write("cgroup/cpuacct" + cgroup + "/cpuacct.usage", nanos + "\n");
    }
  }

  /** What stands in a file of the container's memory cgroup. */
  public String memoryFile(String containerId, String file) {
    try {
      return Files.readString(memory(containerId).resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path memory(String containerId) {
    return root.resolve((v2 ? "cgroup" : "cgroup/memory") + cgroup(containerId));
  }

  /** Another text for one file of the container's memory cgroup. */
  public void memoryFile(String containerId, String file, String text) {
    write((v2 ? "cgroup" : "cgroup/memory") + cgroup(containerId) + "/" + file, text);
  }

  /** The memory controller of that container's cgroup is off, or never was there. */
  public void removeMemory(String containerId) {
    String dir = (v2 ? "cgroup" : "cgroup/memory") + cgroup(containerId);
    for (Path file : list(root.resolve(dir))) {
      if (file.getFileName().toString().startsWith("memory.")) {
        delete(file);
      }
    }
  }

  /** The process is gone and so are its cgroups. */
  public void remove(int pid, String containerId) {
    delete(root.resolve("proc/%d/cgroup".formatted(pid)));
    for (String hierarchy : v2 ? List.of("cgroup") : List.of("cgroup/cpuacct", "cgroup/memory")) {
      Path dir = root.resolve(hierarchy + cgroup(containerId));
      // Emptied first: who has a file of the kernel's open finds nothing more in it.
      list(dir).forEach(file -> write(root.relativize(file).toString(), ""));
      list(dir).forEach(FakeCgroups::delete);
      delete(dir);
    }
  }

  private String cgroup(String containerId) {
    return v2 ? "/kubepods.slice/docker-" + containerId + ".scope" : "/kubepods/" + containerId;
  }

  private void write(String file, String text) {
    Path path = root.resolve(file);
    try {
      Files.createDirectories(path.resolve("..").normalize());
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> list(Path dir) {
    try (Stream<Path> files = Files.list(dir)) {
      return files.sorted(Comparator.reverseOrder()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
