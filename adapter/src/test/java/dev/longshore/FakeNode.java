package dev.longshore;

import dev.longshore.client.CriClient;
import dev.longshore.common.CriException;
import dev.longshore.config.Options;
import dev.longshore.config.OptionsParser;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import dev.longshore.docker.MeteredDockerEngine;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.kernel.NetNamespaceSockets;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.http.MetricsServer;
import dev.longshore.network.FakePodNetworks;
import dev.longshore.network.MeteredPodNetworks;
import dev.longshore.rpc.RpcServer;
import dev.longshore.rpc.SelfCheck;
import dev.longshore.rpc.SocketFile;
import dev.longshore.streaming.StreamingOptions;
import dev.longshore.streaming.StreamingServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The whole program at a real socket, between a fake Docker and fake pod networks. */
public final class FakeNode implements AutoCloseable {
  public static final String IMAGE = "busybox:1.36";
  private static final String PAUSE = "registry.k8s.io/pause:3.10";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  public final FakeDockerEngine docker = new FakeDockerEngine();
  public final FakePodNetworks networks = new FakePodNetworks();
  private final MeteredDockerEngine engine = new MeteredDockerEngine(docker);
  private final MeteredPodNetworks metered = new MeteredPodNetworks(networks);
  private final Path path;
  private final SocketFile socket;
  private final StreamingServer streams;
  private final Longshore longshore;
  private final RpcServer server;
  private final CriClient client;

  /** A node that serves in that folder, and has the images of pods; may still be connecting. */
  public FakeNode(Path folder) {
    path = folder.resolve("s.sock");
    docker.addImage(PAUSE);
    docker.addImage(IMAGE);
    docker.onExec(this::answer);
    Options options =
        OptionsParser.parse(List.of("--root-directory=" + folder.resolve("root")), Map.of());
    socket = SocketFile.claim(path);
    OomScoreAdjustment oom = new OomScoreAdjustment(OomScoreAdjustment.Mode.AUTO, Optional.empty());
    Path proc = folder.resolve("proc");
    streams =
        StreamingServer.start(
            new StreamingOptions(
                options.streaming().address(), options.streaming().idle(), true, Optional.empty()),
            engine,
            new Processes(proc),
            new Signals(),
            new NetNamespaceSockets(proc));
    longshore = new Longshore(options, new Reload(options), engine, metered, oom, streams.urls());
    server =
        RpcServer.of(
                socket,
                longshore.runtime(),
                longshore.images(),
                () -> longshore.view().health().ready())
            .serve();
    longshore.start();
    client = CriClient.of(path);
  }

  public Path socket() {
    return path;
  }

  public CriClient client() {
    return client;
  }

  /** Serves metrics and health at a port of its own; the caller closes it first. */
  MetricsServer serveMetrics() {
    return MetricsServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        streams.loop(),
        Pages.of(longshore, edges(), new SelfCheck(path, LIMIT), "test"));
  }

  /** What is told at {@code /metrics}. */
  Source metrics() {
    return Pages.metrics(longshore, edges(), "test");
  }

  private List<Source> edges() {
    return List.of(engine.figures(), metered, streams.figures());
  }

  Longshore longshore() {
    return longshore;
  }

  /** Waits until the view knows what Docker has. */
  public FakeNode ready() {
    return ready(true);
  }

  /** Waits until the runtime's condition is so. */
  FakeNode ready(boolean expected) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (runtimeReady() != expected) {
      if (System.nanoTime() > end) {
        throw new AssertionError("RuntimeReady does not turn " + expected);
      }
      Thread.onSpinWait();
    }
    return this;
  }

  private boolean runtimeReady() {
    try {
      StatusRequest request = StatusRequest.getDefaultInstance();
      return client
          .runtime(LIMIT, stub -> stub.status(request))
          .getStatus()
          .getConditions(0)
          .getStatus();
    } catch (CriException e) {
      throw new AssertionError("Status must answer always", e);
    }
  }

  private ExecAnswer answer(List<String> command) {
    return switch (command.getFirst()) {
      case "echo" -> ExecAnswer.exits(0, String.join(" ", command.subList(1, command.size())), "");
      case "true" -> ExecAnswer.exits(0, "", "");
      case "hostname" -> ExecAnswer.exits(0, hostname() + "\n", "");
      default -> ExecAnswer.exits(127, "", "no such command");
    };
  }

  private String hostname() {
    return docker.names().stream()
        .filter(name -> name.startsWith("k8s_POD_"))
        .map(name -> docker.spec(name).namespaces().hostname())
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() {
    client.close();
    server.close();
    longshore.close();
    streams.close();
    socket.close();
  }
}
