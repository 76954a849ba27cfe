package dev.longshore.product;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A directory as it ships, with the real installer and units, and in place of the server a script.
 */
final class Product {
  private static final Path RESOURCES = Path.of("src", "test", "resources", "product");
  private static final Path DEPLOY = Path.of("..", "deploy");

  private final Path folder;

  private Product(Path folder) {
    this.folder = folder;
  }

  static Product make(Path parent, String version) throws Exception {
    Path folder = parent.resolve("longshore-" + version);
    for (String name : List.of("bin", "libexec", "systemd")) {
      Files.createDirectories(folder.resolve(name));
    }
    HostRoot.program(DEPLOY.resolve("product/libexec/host"), folder.resolve("libexec/host"));
    for (String unit : List.of("longshore.socket", "longshore.service")) {
      Files.copy(DEPLOY.resolve("systemd").resolve(unit), folder.resolve("systemd").resolve(unit));
    }
    Files.copy(DEPLOY.resolve("product/config.yaml"), folder.resolve("config.yaml"));
    Files.writeString(folder.resolve("VERSION"), version + "\n");
    HostRoot.program(RESOURCES.resolve("server"), folder.resolve("bin/longshore"));
    Shell.run(
        "sh",
        "-c",
        "cd $0 && find . -type f | xargs sha256sum >../sums && mv ../sums SHA256SUMS",
        folder.toString());
    return new Product(folder);
  }

  Path folder() {
    return folder;
  }

  /** {@code longshore install …} or another of its commands, on that host. */
  Shell.Ended host(HostRoot root, String command, String... more)
      throws IOException, InterruptedException {
    return Shell.end(Map.of(), command(root, command, more).toArray(String[]::new));
  }

  private List<String> command(HostRoot root, String command, String... more) {
    List<String> words = new ArrayList<>();
    words.add(folder.resolve("libexec/host").toString());
    words.add(command);
    words.add("--root=" + root.folder());
    Collections.addAll(words, more);
    return words;
  }

  /**
   * Installs, and ends the installer as {@code kill -9} does before it calls its {@code step}th
   * tool.
   *
   * @return whether it got that far
   */
  boolean installUntil(int step, HostRoot root, Path work) throws Exception {
    Path tools = Files.createDirectories(work.resolve("bin"));
    for (String tool : List.of("cp", "mv", "rm", "ln", "mkdir", "chown", "chmod", "chroot")) {
      if (!Files.exists(tools.resolve(tool))) {
        HostRoot.program(RESOURCES.resolve("tool"), tools.resolve(tool));
      }
    }
    Files.writeString(work.resolve("count"), "0\n");
    List<String> words =
        new ArrayList<>(List.of("sh", "-c", "echo $$ >$STEPS/pid && exec \"$@\"", "installer"));
    words.addAll(command(root, "install", "--start"));
    Shell.Ended ended =
        Shell.end(
            Map.of(
                "STEPS", work.toString(),
                "KILL_AT", Integer.toString(step),
                "PATH", tools + ":" + System.getenv("PATH")),
            words.toArray(String[]::new));
    if (ended.exit() != 0 && ended.exit() != 137) {
      throw new AssertionError("the installer ended with " + ended);
    }
    return ended.exit() == 137;
  }
}
