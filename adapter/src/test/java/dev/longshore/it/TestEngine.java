package dev.longshore.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dockerd of our own beside the machine's, to be stopped, frozen and started at will. It lives in
 * a network namespace of its own, since a second daemon in the first one's would take its bridge.
 */
final class TestEngine implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final DockerApi api;
  private final String netns;
  private @Nullable Process daemon;

  /** One that has not started, for a field of a test. */
  static TestEngine create() {
    try {
      return new TestEngine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestEngine() throws IOException {
    folder = Files.createTempDirectory("longshore-engine-");
    api = new DockerApi(folder.resolve("docker.sock"));
    netns = "longshore-engine-" + ProcessHandle.current().pid();
    run("ip", "netns", "add", netns);
    run("ip", "-n", netns, "link", "set", "lo", "up");
  }

  DockerApi api() {
    return api;
  }

  /** Starts the daemon, with more flags, and waits until it answers. */
  TestEngine start(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "nsenter",
                "--net=/var/run/netns/" + netns,
                "dockerd",
                "-H",
                "unix://" + api.socket(),
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid"),
                "--bridge=none",
                "--iptables=false"));
    command.addAll(List.of(more));
    daemon =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("dockerd.log").toFile()))
            .start();
    TestNode.await("dockerd answers", PATIENCE, api::answers);
    return this;
  }

  /** Ends the daemon as a service manager would; its containers end with it. */
  void stop() throws InterruptedException {
    Process running = running();
    running.destroy();
    if (!running.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("dockerd did not end within a minute");
    }
  }

  /** Freezes the daemon: connections are taken by the kernel, nothing is answered. */
  void freeze() throws IOException {
    signal("STOP");
  }

  void thaw() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    run("kill", "-" + name, Long.toString(running().pid()));
  }

  private static void run(String... command) throws IOException {
    new ProcessBuilder(command).inheritIO().start().onExit().join();
  }

  private Process running() {
    if (daemon == null) {
      throw new IllegalStateException("the engine was not started");
    }
    return daemon;
  }

  /** Copies images of the machine's Engine. */
  void load(DockerApi from, List<String> images) throws IOException {
    for (String image : images) {
      new ProcessBuilder(
              "sh",
              "-c",
              "curl -sSf --unix-socket \"$1\" http://d/images/\"$3\"/get"
                  + " | curl -sSf --unix-socket \"$2\" -H 'Content-Type: application/x-tar'"
                  + " --data-binary @- http://d/images/load",
              "load",
              from.socket().toString(),
              api.socket().toString(),
              image)
          .inheritIO()
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .onExit()
          .join();
      api.get("/images/" + image + "/json");
    }
  }

  @Override
  public void close() throws IOException {
    if (daemon != null && daemon.isAlive()) {
      thaw();
      daemon.destroy();
      if (daemon.onExit().completeOnTimeout(daemon, 30, TimeUnit.SECONDS).join().isAlive()) {
        daemon.destroyForcibly().onExit().join();
      }
    }
    run("ip", "netns", "delete", netns);
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
