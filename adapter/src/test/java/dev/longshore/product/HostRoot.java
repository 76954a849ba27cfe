package dev.longshore.product;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The root folder of a host that is none: a shell, a systemctl that only notes, a proc of files.
 */
final class HostRoot {
  private static final Path RESOURCES = Path.of("src", "test", "resources", "product");

  private final Path folder;

  private HostRoot(Path folder) {
    this.folder = folder;
  }

  /** A host on which systemd runs and nothing is installed. */
  static HostRoot make(Path folder) throws Exception {
    for (String name : List.of("bin", "usr/bin", "proc/1/net", "run/systemd/system", "tmp")) {
      Files.createDirectories(folder.resolve(name));
    }
    HostRoot root = new HostRoot(folder);
    Shell.run("cp", "/bin/busybox", root.at("/bin/busybox").toString());
    for (String tool : Shell.run("/bin/busybox", "--list").lines().toList()) {
      if (!tool.equals("busybox") && !tool.equals("flock")) {
        Files.createSymbolicLink(folder.resolve("bin").resolve(tool), Path.of("busybox"));
      }
    }
    root.copyProgram("/usr/bin/flock");
    program(RESOURCES.resolve("systemctl"), root.at("/usr/bin/systemctl"));
    Files.writeString(root.at("/proc/1/net/unix"), "Num RefCount Protocol Flags Type St\n");
    return root;
  }

  private void copyProgram(String file) throws Exception {
    Shell.run(
        "sh", "-c", "cp --parents -L $(ldd $0 | grep -o '/[^ ]*') $0 $1", file, folder.toString());
  }

  static void program(Path from, Path to) throws IOException {
    Files.copy(from, to);
    Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** A copy, with owners and times. */
  HostRoot copy(Path to) throws Exception {
    Shell.run("cp", "-a", folder.toString(), to.toString());
    return new HostRoot(to);
  }

  Path folder() {
    return folder;
  }

  Path at(String path) {
    return folder.resolve(path.substring(1));
  }

  String read(String path) throws IOException {
    return Files.readString(at(path));
  }

  /** What systemctl was asked so far, a line for each. */
  List<String> calls() throws IOException {
    return Files.exists(at("/calls")) ? Files.readAllLines(at("/calls")) : List.of();
  }

  /** What the service runs, "" when it does not. */
  String running() throws IOException {
    Path commandLine = at("/proc/4242/cmdline");
    return Files.exists(commandLine) ? Files.readString(commandLine).split("/", -1)[3] : "";
  }

  void kubelet(String commandLine) throws IOException {
    Files.createDirectories(at("/proc/77"));
    Files.writeString(at("/proc/77/comm"), "kubelet\n");
    Files.writeString(at("/proc/77/cmdline"), commandLine.replace(' ', '\0'));
  }

  void socket(String... states) throws IOException {
    StringBuilder lines = new StringBuilder(read("/proc/1/net/unix"));
    for (String state : states) {
      lines.append(
          "ffff: 00000002 00000000 00010000 0001 %s 1 /run/longshore.sock\n".formatted(state));
    }
    Files.writeString(at("/proc/1/net/unix"), lines);
  }

  /** Every file and link below the folders that an install changes, with what tells its content. */
  Map<String, String> files() throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (String top : List.of("opt", "etc", "usr", "var")) {
      if (!Files.exists(folder.resolve(top))) {
        continue;
      }
      try (Stream<Path> walk = Files.walk(folder.resolve(top))) {
        for (Path file : walk.filter(f -> !Files.isDirectory(f, NOFOLLOW_LINKS)).toList()) {
          found.put(folder.relativize(file).toString(), content(file));
        }
      }
    }
    return found;
  }

  private static String content(Path file) throws IOException {
    return Files.isSymbolicLink(file)
        ? "-> " + Files.readSymbolicLink(file)
        : "%s, bytes with hash %x"
            .formatted(Files.getLastModifiedTime(file), Arrays.hashCode(Files.readAllBytes(file)));
  }
}
