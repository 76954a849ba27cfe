package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.ImageServiceGrpc;
import dev.longshore.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import dev.longshore.cri.v1.RuntimeCondition;
import dev.longshore.cri.v1.RuntimeServiceGrpc;
import dev.longshore.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.cri.v1.VersionRequest;
import dev.longshore.cri.v1.VersionResponse;
import dev.longshore.kernel.MountInfo;
import dev.longshore.kernel.OverlayMounts;
import dev.longshore.kernel.Processes;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node of our own: the packaged server as a process, with folders, socket and CNI bridge that no
 * other test shares. Closing it ends the server and removes every trace, containers included.
 */
final class TestNode implements AutoCloseable {
  static final String PAUSE = "longshore.local/pause:1";
  static final String BUSYBOX = "longshore.local/busybox:1";

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private final String id =
      ProcessHandle.current().pid() % 10_000 + "x" + COUNTER.incrementAndGet();
  private final int subnet = (int) ((ProcessHandle.current().pid() * 7 + COUNTER.get()) % 250);
  private final DockerApi docker;
  private final Path folder;
  private final EventLoopGroup eventLoop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private volatile ManagedChannel channel;
  private @Nullable Process server;

  /** One that has not started, for a field of a test. */
  static TestNode of(DockerApi docker) {
    try {
      return new TestNode(docker);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestNode(DockerApi docker) throws IOException {
    this.docker = docker;
    this.folder = Files.createTempDirectory("longshore-it-");
    Files.createDirectories(cniConfDir());
    Files.createDirectories(leases());
    this.channel = connect();
    writeCniConfig();
  }

  private ManagedChannel connect() {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket().toFile()))
        .eventLoopGroup(eventLoop)
        .channelType(EpollDomainSocketChannel.class)
        .maxInboundMessageSize(16 * 1024 * 1024)
        .usePlaintext()
        .build();
  }

  DockerApi docker() {
    return docker;
  }

  Path socket() {
    return folder.resolve("longshore.sock");
  }

  Path cniConfDir() {
    return folder.resolve("net.d");
  }

  Path cniCacheDir() {
    return folder.resolve("cni-cache");
  }

  Path leases() {
    return folder.resolve("leases");
  }

  Path rootDir() {
    return folder.resolve("root");
  }

  Path logFile() {
    return folder.resolve("longshore.log");
  }

  /** What pod uids of this node start with. */
  String uidPrefix() {
    return "it-" + id + "-";
  }

  RuntimeServiceBlockingStub runtime() {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(4, TimeUnit.MINUTES);
  }

  /** A stub whose calls fail at once while the server is away. */
  RuntimeServiceBlockingStub runtimeNow() {
    return RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(2, TimeUnit.MINUTES);
  }

  /** Asks through a connection of its own, as a client does which has just been started. */
  VersionResponse freshly(VersionRequest request) {
    ManagedChannel fresh = connect();
    try {
      return RuntimeServiceGrpc.newBlockingStub(fresh)
          .withDeadlineAfter(1, TimeUnit.MINUTES)
          .version(request);
    } finally {
      fresh.shutdownNow();
    }
  }

  ImageServiceBlockingStub images() {
    return ImageServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(4, TimeUnit.MINUTES);
  }

  /** The usual configuration: a bridge of our own, port mappings. */
  void writeCniConfig() throws IOException {
    writeCniConfig(
        "10-it.conflist",
        """
        {"cniVersion": "1.0.0", "name": "it%s", "plugins": [
          {"type": "bridge", "bridge": "ls%s", "isGateway": true, "ipMasq": false,
           "ipam": {"type": "host-local", "dataDir": "%s",
                    "ranges": [[{"subnet": "10.213.%d.0/24"}]]}},
          {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
        """
            .formatted(id, id, leases(), subnet));
  }

  void writeCniConfig(String name, String json) throws IOException {
    Path file = cniConfDir().resolve("." + name);
    Files.writeString(file, json);
    Files.move(file, cniConfDir().resolve(name));
  }

  /** Starts the server and waits until it is ready in both conditions. */
  TestNode start(String... more) throws IOException {
    launch(more);
    awaitReady();
    return this;
  }

  /** Starts the server process only. */
  Process launch(String... more) throws IOException {
    return run(command(more));
  }

  private List<String> command(String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                Path.of("target", "longshore.jar").toAbsolutePath().toString(),
                "serve",
                "--container-runtime-endpoint=unix://" + socket(),
                "--docker-endpoint=unix://" + docker.socket(),
                "--root-directory=" + rootDir(),
                "--pod-infra-container-image=" + PAUSE,
                "--metrics-bind-addr=127.0.0.1:0",
                "--cni-conf-dir=" + cniConfDir(),
                "--cni-cache-dir=" + cniCacheDir()));
    command.addAll(List.of(more));
    return command;
  }

  private Process run(List<String> command) throws IOException {
    server =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
            .start();
    return server;
  }

  /** Starts the server as systemd does: with a socket handed over, and again whenever it ends. */
  TestNode startHanded() throws IOException {
    return startBy("perl", "src/test/resources/it/activator.pl", socket().toString());
  }

  /** Starts the server by a command that is given the server's own. */
  TestNode startBy(String... by) throws IOException {
    List<String> command = new ArrayList<>(List.of(by));
    command.addAll(command());
    Process _ = run(command);
    awaitReady();
    return this;
  }

  /** The server that an activator runs now. */
  ProcessHandle handedServer() {
    return running().children().findFirst().orElseThrow();
  }

  void awaitReady() {
    try {
      await("RuntimeReady and NetworkReady", this::isReady);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage() + "; conditions: " + conditions() + "; log:\n" + log(), e);
    }
  }

  boolean isReady() {
    List<RuntimeCondition> conditions = conditions();
    return conditions.size() == 2 && conditions.stream().allMatch(RuntimeCondition::getStatus);
  }

  /** The conditions now; none while the server does not answer. */
  List<RuntimeCondition> conditions() {
    try {
      return runtime()
          .withDeadlineAfter(5, TimeUnit.SECONDS)
          .status(StatusRequest.getDefaultInstance())
          .getStatus()
          .getConditionsList();
    } catch (StatusRuntimeException e) {
      return List.of();
    }
  }

  /** Ends the server as the kernel would: at once, at any instruction; its calls fail. */
  void killServer() throws InterruptedException {
    Process running = running();
    running.destroyForcibly();
    running.waitFor();
    // A channel that has lost its server waits ever longer before it tries again.
    channel.shutdownNow();
    channel = connect();
  }

  /** Asks the server to end and waits for it; the exit code. */
  int stopServer() throws InterruptedException {
    Process running = running();
    running.destroy();
    assertThat(running.waitFor(30, TimeUnit.SECONDS)).as("server ends on SIGTERM").isTrue();
    return running.exitValue();
  }

  private Process running() {
    if (server == null) {
      throw new IllegalStateException("the server was not started");
    }
    return server;
  }

  /** Waits for a condition, looking ten times a second, and fails with what was awaited. */
  static void await(String what, BooleanSupplier condition) {
    await(what, PATIENCE, condition);
  }

  static void await(String what, Duration patience, BooleanSupplier condition) {
    Instant end = Instant.now().plus(patience);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        throw new AssertionError("waited " + patience.toSeconds() + " s in vain for: " + what);
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for: " + what, e);
      }
    }
  }

  /** Containers in Docker that belong to pods of this node. */
  List<String> containersInDocker() throws IOException {
    List<String> found = new ArrayList<>();
    docker
        .get("/containers/json?all=1")
        .forEach(
            container -> {
              if (container.get("Names").toString().contains("_" + uidPrefix())) {
                found.add(container.get("Id").asText());
              }
            });
    return found;
  }

  /** Where the server has mounted images. */
  List<String> mountedImages() {
    try {
      return MountInfo.parse(Files.readString(Path.of("/proc/self/mountinfo"))).stream()
          .filter(mount -> mount.type().equals("overlay"))
          .map(MountInfo::mountPoint)
          .filter(point -> point.startsWith(rootDir().toString()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a node that has removed its pods must not have any more. */
  void assertNothingLeft() throws IOException {
    assertThat(containersInDocker()).as("containers in Docker").isEmpty();
    assertThat(addressFiles()).as("IP leases").isEmpty();
    assertThat(records()).as("records").isEmpty();
    assertThat(files(cniCacheDir().resolve("results"))).as("files in libcni's cache").isEmpty();
    assertThat(bridgePorts()).as("veth pairs on the bridge").isEmpty();
  }

  /** Records of this node's pods; a server also adopts what else runs on the Engine. */
  private List<Path> records() throws IOException {
    List<Path> ours = new ArrayList<>();
    for (Path file : files(rootDir().resolve("sandbox"))) {
      if (Files.readString(file).contains(uidPrefix())) {
        ours.add(file);
      }
    }
    return ours;
  }

  /** Leases of host-local, one file named after each address. */
  List<Path> addressFiles() throws IOException {
    return files(leases()).stream()
        .filter(file -> file.getFileName().toString().matches("[0-9.]+"))
        .toList();
  }

  private List<Path> bridgePorts() throws IOException {
    Path ports = Path.of("/sys/class/net", "ls" + id, "brif");
    if (!Files.isDirectory(ports)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(ports)) {
      return entries.toList();
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      return walk.filter(Files::isRegularFile).toList();
    }
  }

  String log() {
    try {
      return Files.exists(logFile()) ? Files.readString(logFile()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    if (server != null) {
      List<ProcessHandle> started = server.descendants().toList();
      server.destroyForcibly().onExit().join();
      started.forEach(ProcessHandle::destroyForcibly);
    }
    if (docker.answers()) {
      for (String container : containersInDocker()) {
        docker.remove(container);
      }
    }
    new ProcessBuilder("ip", "link", "delete", "ls" + id)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .onExit()
        .join();
    OverlayMounts mounts = new OverlayMounts(new Processes(Path.of("/proc")));
    for (String image : mountedImages()) {
      mounts.unmount(Path.of(image).resolveSibling(""));
    }
    eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
