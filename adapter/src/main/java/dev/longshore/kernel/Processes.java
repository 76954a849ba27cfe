package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of a procfs. What ends meanwhile is an empty answer. Stateless, thread-safe; a few
 * tens of microseconds for a file.
 */
public final class Processes {
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

  /** What is mounted where in the process's namespace; empty when there is none of that pid. */
  public List<MountInfo> mounts(int pid) {
    return read(pid, "mountinfo").map(MountInfo::parse).orElse(List.of());
  }

  private static Optional<String> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link).toString());
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private Optional<String> read(int pid, String file) {
    try {
      return Optional.of(Files.readString(folder(pid).resolve(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Path folder(int pid) {
    return proc.resolve(Integer.toString(pid));
  }
}
