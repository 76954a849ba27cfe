package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.StatusRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Logs on a real Engine, our own: a server on the machine's would write to these logs, too. */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogsIT {
  private static final int CONTAINERS = 4;
  private static final int LINES = 7_000;
  private static final int BURST = 60;
  private static final int KILLS = 5;
  private static final long LIMIT = 48 * 1024;
  private static final int ENOUGH_ROTATIONS = 10;

  /** Lines before and after what a test does in between. */
  private static final int SOME = 300;

  private static final int ALL = 3000;

  private final TestEngine engine = TestEngine.create();
  private final TestNode node = TestNode.of(engine.api());
  private final Pods pods = new Pods(node);
  private boolean engineChanged;
  private boolean serverChanged;
  @TempDir private Path gate;

  @BeforeAll
  void start() throws IOException {
    engine.start().load(DockerApi.ofMachine(), List.of(TestNode.PAUSE, TestNode.BUSYBOX));
    node.start();
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    for (var sandbox : pods.sandboxes()) {
      pods.remove(sandbox.getId());
    }
    node.assertNothingLeft();
    pods.removeLogs();
    if (engineChanged) {
      restartEngine();
    }
    if (serverChanged) {
      restart();
    }
    engineChanged = false;
    serverChanged = false;
  }

  @AfterAll
  void end() throws IOException {
    node.close();
    engine.close();
  }

  @Test
  void everyLineIsThereOnceThroughRotationsAndKills() throws Exception {
    PodSandboxConfig pod = pods.config("logs", 0);
    String sandbox = pods.run(pod);
    LogKubelet kubelet = new LogKubelet(node, LIMIT);
    List<String> containers = new ArrayList<>();
    List<Path> logs = new ArrayList<>();
    for (int i = 0; i < CONTAINERS; i++) {
      ContainerConfig config = Pods.container("w" + i, NumberedLines.command(LINES, BURST, i));
      containers.add(pods.start(sandbox, pod, config));
      logs.add(Pods.log(pod, config));
      kubelet.add(containers.getLast(), logs.getLast());
    }
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService background = Executors.newSingleThreadExecutor()) {
      Future<?> rotating = background.submit(() -> rotate(kubelet, over));
      for (int kill = 0; kill < KILLS; kill++) {
        Thread.sleep(ThreadLocalRandom.current().nextInt(500, 1500));
        node.killServer();
        node.start();
      }
      awaitEnd(containers);
      over.set(true);
      rotating.get();
    }
    for (Path log : logs) {
      assertThat(NumberedLines.check(log)).as("lines in %s", log).isEqualTo(LINES);
    }
    assertThat(kubelet.rotations()).as("rotations").isGreaterThan(ENOUGH_ROTATIONS);
  }

  @Test
  void anAdoptedLinkIsLeftAloneUntilItIsRotatedAndNoLineIsLost() throws Exception {
    restart("--container-log-spool-driver=json-file");
    PodSandboxConfig pod = pods.config("adopted", 0);
    ContainerConfig config = gated();
    String id = pods.start(pods.run(pod), pod, config);
    Path log = Pods.log(pod, config);
    TestNode.await("some lines", () -> log.toFile().length() > LIMIT);
    node.killServer();
    Files.delete(node.rootDir().resolve("logs").resolve(id));
    Files.delete(log);
    Path dockers = Path.of(node.docker().inspect(id).get("LogPath").asText());
    Files.createSymbolicLink(log, dockers);
    node.start();

    LogKubelet kubelet = new LogKubelet(node, 0);
    kubelet.add(id, log);
    assertThat(Files.readSymbolicLink(log)).isEqualTo(dockers);
    kubelet.rotate(id, log);
    assertThat(log).isRegularFile();
    assertThat(Files.isSymbolicLink(log)).isFalse();
    openGate();
    awaitEnd(List.of(id));

    Path link = LogKubelet.files(log).getFirst();
    int first = NumberedLines.first(log);
    assertThat(first).isGreaterThan(1);
    assertThat(Files.readString(link)).contains("{\"log\":\"%d ".formatted(first - 1));
    assertThat(NumberedLines.check(List.of(log), first - 1)).isEqualTo(ALL);
  }

  @Test
  void inDockersFormatALogIsALinkWhichCannotBeReopened() throws Exception {
    restart("--container-log-format=docker");
    PodSandboxConfig pod = pods.config("links", 0);
    ContainerConfig config = Pods.container("app", "sh", "-c", "echo hello; sleep 1000");
    String id = pods.start(pods.run(pod), pod, config);
    Path log = Pods.log(pod, config);
    TestNode.await("the link", () -> Files.exists(log));
    Path dockers = Path.of(node.docker().inspect(id).get("LogPath").asText());
    assertThat(Files.readSymbolicLink(log)).isEqualTo(dockers);
    TestNode.await("the line", () -> dockers.toFile().length() > 0);
    assertThat(Files.readString(log)).startsWith("{\"log\":\"hello\\n\",");

    LogKubelet kubelet = new LogKubelet(node, 0);
    kubelet.rotate(id, log);
    assertThat(kubelet.undone()).isOne();
    assertThat(Files.isSymbolicLink(log)).isTrue();
  }

  @Test
  void localKeepsEveryByteAndJsonFileReplacesWhatIsNotUtf8() throws Exception {
    assertThat(bytesOf("local")).endsWith('a', 0xff, 'b', '\n');
    assertThat(bytesOf("json-file")).endsWith('a', 0xef, 0xbf, 0xbd, 'b', '\n');
  }

  private byte[] bytesOf(String driver) throws Exception {
    restart("--container-log-spool-driver=" + driver);
    PodSandboxConfig pod = pods.config(driver, 0);
    ContainerConfig config = Pods.container("app", "printf", "a\\377b\\n");
    String id = pods.start(pods.run(pod), pod, config);
    awaitEnd(List.of(id));
    assertThat(node.docker().logs(id)).as("docker logs").contains("a").endsWith("b\n");
    return Files.readAllBytes(Pods.log(pod, config));
  }

  @Test
  void aDriverThatSendsOutputElsewhereIsFollowedByDockersCopy() throws Exception {
    restartEngine("--log-driver=syslog", "--log-opt=syslog-address=udp://127.0.0.1:9");
    PodSandboxConfig pod = pods.config("syslog", 0);
    ContainerConfig config = Pods.container("app", NumberedLines.command(SOME, BURST, 6));
    awaitEnd(List.of(pods.start(pods.run(pod), pod, config)));
    assertThat(NumberedLines.check(Pods.log(pod, config))).isEqualTo(SOME);
  }

  @Test
  void aDriverThatCannotBeReadBackLeavesALineAndAWarning() throws Exception {
    restartEngine("--log-driver=none");
    PodSandboxConfig pod = pods.config("none", 0);
    ContainerConfig config = Pods.container("app", "sleep", "1000");
    String _ = pods.start(pods.run(pod), pod, config);
    Path log = Pods.log(pod, config);
    TestNode.await("a line", () -> log.toFile().length() > 0);
    assertThat(Files.readAllLines(log))
        .singleElement()
        .asString()
        .contains(" stderr F longshore: nothing of this container's output is here");
    StatusRequest verbose = StatusRequest.newBuilder().setVerbose(true).build();
    assertThat(node.runtime().status(verbose).getInfoMap().toString()).contains("cannot read back");
  }

  private void restartEngine(String... flags) throws Exception {
    engineChanged = true;
    engine.stop();
    engine.start(flags);
    node.awaitReady();
  }

  @Test
  void whatTheSpoolCouldNotHoldIsToldInTheLog() throws Exception {
    restart("--container-log-spool-size=64k", "--container-log-spool-files=2");
    PodSandboxConfig pod = pods.config("overrun", 0);
    ContainerConfig config = gated();
    String id = pods.start(pods.run(pod), pod, config);
    Path log = Pods.log(pod, config);
    TestNode.await("some lines", () -> log.toFile().length() > LIMIT);
    node.killServer();
    openGate();
    TestNode.await("its end", () -> !node.docker().runs(id));
    node.start();
    awaitEnd(List.of(id));

    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    assertThat(lines)
        .filteredOn(line -> line.matches(".* stderr F longshore: .* are lost: .* \\d+ bytes"))
        .hasSize(1);
    List<Integer> numbers =
        lines.stream()
            .map(line -> line.split(" ", -1)[3])
            .filter(word -> word.matches("\\d+"))
            .map(Integer::valueOf)
            .toList();
    assertThat(numbers).isSorted().doesNotHaveDuplicates().endsWith(ALL);
  }

  @Test
  void aFullDiskIsToldOnceAndNoLineIsLost() throws Exception {
    PodSandboxConfig pod = pods.config("full", 0);
    Path folder = Files.createDirectories(Path.of(pod.getLogDirectory()));
    command("mount", "-t", "tmpfs", "-o", "size=64k", "longshore-it", folder.toString());
    try {
      ContainerConfig config = gated();
      String id = pods.start(pods.run(pod), pod, config);
      TestNode.await("it is told", () -> !warnings(folder).isEmpty());
      assertThat(pods.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
      node.killServer(); // Nor is one lost or doubled when the server dies meanwhile.
      node.start();
      TestNode.await("it is told again", () -> warnings(folder).size() > 1);
      command("mount", "-o", "remount,size=64m", folder.toString());
      openGate();
      awaitEnd(List.of(id));
      Path log = Pods.log(pod, config);
      TestNode.await("all lines", () -> complete(log));
      assertThat(NumberedLines.check(log)).isEqualTo(ALL);
      assertThat(warnings(folder)).hasSize(2);
    } finally {
      command("umount", folder.toString());
    }
  }

  @Test
  void aFolderThatMayNotBeWrittenIsToldOnceAndNoLineIsLost() throws Exception {
    serverChanged = true;
    node.killServer();
    node.startBy("setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override");
    PodSandboxConfig pod = pods.config("denied", 0);
    Path folder = Files.createDirectories(Path.of(pod.getLogDirectory()));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    ContainerConfig config = gated();
    String id = pods.start(pods.run(pod), pod, config);
    TestNode.await("it is told", () -> !warnings(folder).isEmpty());
    assertThat(node.log()).contains("permission denied");
    assertThat(pods.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    openGate();
    awaitEnd(List.of(id));
    Path log = Pods.log(pod, config);
    TestNode.await("all lines", () -> complete(log));
    assertThat(NumberedLines.check(log)).isEqualTo(ALL);
    assertThat(warnings(folder)).hasSize(1);
  }

  @Test
  void aLogThatIsRemovedWithItsFolderGoesOnInANewOne() throws Exception {
    PodSandboxConfig pod = pods.config("removed", 0);
    ContainerConfig config = gated();
    String id = pods.start(pods.run(pod), pod, config);
    Path log = Pods.log(pod, config);
    TestNode.await("some lines", () -> log.toFile().length() > LIMIT);
    pods.removeLogs();
    openGate();
    awaitEnd(List.of(id));
    int first = NumberedLines.first(log);
    assertThat(NumberedLines.check(List.of(log), first - 1)).isEqualTo(ALL);
  }

  private void restart(String... flags) throws Exception {
    serverChanged = true;
    node.killServer();
    node.start(flags);
  }

  private List<String> warnings(Path folder) {
    return node.log()
        .lines()
        .filter(line -> line.contains("cannot be written to " + folder))
        .toList();
  }

  /** A container that writes some lines, and the others once the gate is open. */
  private ContainerConfig gated() {
    Mount mount = Mount.newBuilder().setHostPath(gate.toString()).setContainerPath("/gate").build();
    return Pods.container("app", NumberedLines.gated(ALL, SOME, "/gate/open")).toBuilder()
        .addMounts(mount)
        .build();
  }

  private void openGate() throws IOException {
    Files.createFile(gate.resolve("open"));
  }

  private static boolean complete(Path log) {
    try {
      return NumberedLines.check(log) == ALL;
    } catch (IOException | AssertionError e) {
      return false; // In the middle of a line.
    }
  }

  private static void command(String... words) throws Exception {
    assertThat(new ProcessBuilder(words).inheritIO().start().waitFor()).isZero();
  }

  private static @Nullable Void rotate(LogKubelet kubelet, AtomicBoolean over)
      throws InterruptedException {
    while (!over.get()) {
      kubelet.round();
      Thread.sleep(20);
    }
    return null;
  }

  private void awaitEnd(List<String> containers) {
    TestNode.await(
        "all have ended",
        Duration.ofSeconds(60),
        () ->
            containers.stream()
                .allMatch(id -> pods.status(id).getState() == ContainerState.CONTAINER_EXITED));
  }
}
