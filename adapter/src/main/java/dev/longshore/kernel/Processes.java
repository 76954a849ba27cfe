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
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of a procfs. What ends meanwhile is an empty answer. Stateless, thread-safe; a few
 * tens of microseconds for a file.
 */
public final class Processes {
  private static final Pattern UPPER_FOLDER = Pattern.compile("(?:^|,)upperdir=([^,]+)");

  private static final String OPEN_FILES = "Max open files ";

  // Some 5 µs each.
  private static final int MOST_LOOKED_AT = 2000;

  private final Path proc;

  /** {@code proc} is where procfs is mounted. */
  public Processes(Path proc) {
    this.proc = proc;
  }

  /** One process; empty when there is none of that pid. */
  public Optional<ProcessStat> stat(int pid) {
    return read(pid, "stat").flatMap(ProcessStat::parse);
  }

  /** As whom a process acts; empty when there is none of that pid. */
  public Optional<Credentials> credentials(int pid) {
    return read(pid, "status").flatMap(Credentials::parse);
  }

  /** All processes that have a cgroup with that text in its path, such as a container's id. */
  public List<ProcessStat> inCgroup(String name) {
    List<ProcessStat> found = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path folder : folders) {
        int pid = Integer.parseInt(folder.getFileName().toString());
        if (isInCgroup(pid, name)) {
          stat(pid).ifPresent(found::add);
        }
      }
    } catch (IOException | DirectoryIteratorException | NumberFormatException e) {
      return found;
    }
    return found;
  }

  /** Whether the process has a cgroup with that text in its path. */
  public boolean isInCgroup(int pid, String name) {
    return read(pid, "cgroup").filter(text -> text.contains(name)).isPresent();
  }

  /** The pipes that are the process's standard output and error, {@code pipe:[inode]}. */
  public Set<String> outputPipes(int pid) {
    return Stream.of("1", "2")
        .flatMap(descriptor -> target(folder(pid).resolve("fd").resolve(descriptor)).stream())
        .filter(target -> target.startsWith("pipe:"))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** What is mounted where in the namespace of this process. */
  public List<MountInfo> ownMounts() {
    return mounts((int) ProcessHandle.current().pid());
  }

  /** What is mounted where in the process's namespace; empty when there is none of that pid. */
  public List<MountInfo> mounts(int pid) {
    return read(pid, "mountinfo").map(MountInfo::parse).orElse(List.of());
  }

  /** Its descriptors; none when there is no process of that pid. */
  public OpenFiles openFiles(int pid) {
    long files = 0;
    long sockets = 0;
    try (DirectoryStream<Path> links = Files.newDirectoryStream(folder(pid).resolve("fd"))) {
      for (Path link : links) {
        files++;
        if (files <= MOST_LOOKED_AT
            && target(link).filter(t -> t.startsWith("socket:")).isPresent()) {
          sockets++;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return new OpenFiles(files, OptionalLong.of(sockets));
    }
    return new OpenFiles(
        files, files <= MOST_LOOKED_AT ? OptionalLong.of(sockets) : OptionalLong.empty());
  }

  /** Its soft limit of descriptors; empty for no limit, or when there is no such process. */
  public OptionalLong openFileLimit(int pid) {
    return read(pid, "limits")
        .flatMap(limits -> limits.lines().filter(line -> line.startsWith(OPEN_FILES)).findFirst())
        .map(line -> FlatKeyed.number(line.substring(OPEN_FILES.length()).strip().split(" ", 2)[0]))
        .orElse(OptionalLong.empty());
  }

  /**
   * Where a process's file system keeps what is written to it: the upper folder of the overlay that
   * is its root (kernel filesystems/overlayfs.rst), as whoever mounted it named it. Empty for other
   * file systems, and when there is no such process.
   */
  public Optional<Path> upperFolder(int pid) {
    return mounts(pid).stream()
        .filter(mount -> mount.mountPoint().equals("/") && mount.type().equals("overlay"))
        .findFirst()
        .map(mount -> UPPER_FOLDER.matcher(mount.options()))
        .filter(Matcher::find)
        .map(upper -> Path.of(upper.group(1)));
  }

  private static Optional<String> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link).toString());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private Optional<String> read(int pid, String file) {
    return KernelText.read(folder(pid).resolve(file));
  }

  private Path folder(int pid) {
    return proc.resolve(Integer.toString(pid));
  }
}
