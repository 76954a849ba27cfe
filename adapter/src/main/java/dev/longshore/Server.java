package dev.longshore;

import dev.longshore.common.CriException;
import dev.longshore.common.Trace;
import dev.longshore.common.UndoStack;
import dev.longshore.config.Options;
import dev.longshore.config.Options.AbandonedExec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.DockerEngines;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.EngineLimits;
import dev.longshore.docker.MeteredDockerEngine;
import dev.longshore.docker.OomScoreAdjustment;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import dev.longshore.kernel.NetNamespaceSockets;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.metrics.Source;
import dev.longshore.metrics.http.MetricsServer;
import dev.longshore.metrics.http.Page;
import dev.longshore.network.CniNetworks;
import dev.longshore.network.CniOptions;
import dev.longshore.network.MeteredPodNetworks;
import dev.longshore.network.NetworkStatus;
import dev.longshore.network.PodNetworks;
import dev.longshore.rpc.HandedSocket;
import dev.longshore.rpc.RpcServer;
import dev.longshore.rpc.SelfCheck;
import dev.longshore.rpc.ServedSocket;
import dev.longshore.rpc.SocketFile;
import dev.longshore.streaming.StreamingOptions;
import dev.longshore.streaming.StreamingOptions.Certificate;
import dev.longshore.streaming.StreamingServer;
import dev.longshore.tracing.OtlpRecorder;
import dev.longshore.view.EngineHealth;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Longshore at its socket, with the real Docker and the real CNI. What is opened in order is closed
 * in reverse.
 */
final class Server implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Server.class);
  private static final Duration FIRST_CONTACT = Duration.ofSeconds(3);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private static final Duration SELF_CHECK = Duration.ofSeconds(10);

  private static final Path PROC = Path.of("/proc");

  private final UndoStack opened;
  private final ServiceManager manager;
  private final Reload reload;

  private Server(UndoStack opened, ServiceManager manager, Reload reload) {
    this.opened = opened;
    this.manager = manager;
    this.reload = reload;
  }

  /**
   * Serves. The socket comes first: whoever has it is the only one to touch records and networks.
   *
   * @param environment what a service manager tells in it
   * @throws dev.longshore.common.CriException when something is in the way
   */
  static Server start(Options options, String version, Map<String, String> environment)
      throws InterruptedException {
    UndoStack opened = new UndoStack();
    boolean serving = false;
    try {
      ServedSocket socket =
          HandedSocket.of(environment).orElseGet(() -> SocketFile.claim(options.socket()));
      opened.push("give up the socket", socket::close);
      options.telemetry().tracing().ifPresent(to -> trace(to, version, opened));
      JavaDockerEngine gateway =
          new JavaDockerEngine(DockerHost.parse(options.docker().endpoint()));
      opened.push("disconnect from Docker", gateway::close);
      CniNetworks cni = CniNetworks.open(cni(options));
      opened.push("close the networks", cni::close);
      MeteredPodNetworks networks = new MeteredPodNetworks(cni);
      MeteredDockerEngine metered = new MeteredDockerEngine(gateway);
      DockerEngine docker = resilient(metered, options);
      StreamingServer streams = streams(options, docker);
      opened.push("end the streams", streams::close);
      Reload reload = new Reload(options);
      Longshore longshore =
          new Longshore(options, reload, docker, networks, oom(options), streams.urls());
      opened.push("close the view", longshore::close);
      longshore.start();
      SelfCheck check = new SelfCheck(socket.path(), SELF_CHECK);
      List<Source> edges = List.of(metered.figures(), networks, streams.figures());
      options
          .telemetry()
          .metrics()
          .flatMap(at -> metrics(at, streams, Pages.of(longshore, edges, check, version)))
          .ifPresent(
              server -> {
                opened.push("stop serving metrics", server::close);
                longshore.metricsAt(server.url());
              });
      RpcServer rpc =
          RpcServer.of(
              socket,
              longshore.runtime(),
              longshore.images(),
              () -> longshore.view().health().ready());
      opened.push("stop serving", rpc::close);
      awaitDocker(longshore);
      rpc.serve();
      opened.push("end event streams", longshore.events()::close);
      opened.push("stop watching the heap", HeapReturn.watch()::interrupt);
      serving = true;
      ServiceManager manager = ServiceManager.of(environment);
      opened.push("tell the service manager", manager::close);
      manager.ready(check, () -> status(options, longshore.view().health()));
      announce(options, socket.path(), version, longshore, networks);
      return new Server(opened, manager, reload);
    } finally {
      if (!serving) {
        opened.close();
      }
    }
  }

  private static DockerEngine resilient(DockerEngine gateway, Options options) {
    EngineLimits limits =
        EngineLimits.DEFAULT
            .withMutations(options.docker().maxCalls())
            .withMutation(options.docker().requestTimeout());
    return DockerEngines.resilient(gateway, limits);
  }

  private static StreamingServer streams(Options options, DockerEngine docker) {
    return StreamingServer.start(
        new StreamingOptions(
            options.streaming().address(),
            options.streaming().idle(),
            options.streaming().abandonedExec() == AbandonedExec.KILL,
            options
                .streaming()
                .tls()
                .map(tls -> new Certificate(tls.certificate(), tls.privateKey()))),
        docker,
        new Processes(PROC),
        new Signals(),
        new NetNamespaceSockets(PROC));
  }

  private static void trace(URI receiver, String version, UndoStack opened) {
    OtlpRecorder recorder = OtlpRecorder.start(receiver, version);
    opened.push("send the last traces", recorder::close);
    Trace.recordBy(Optional.of(recorder));
    opened.push("end tracing", () -> Trace.recordBy(Optional.empty()));
  }

  /** A node whose metrics cannot be served still needs its pods. */
  private static Optional<MetricsServer> metrics(
      InetSocketAddress address, StreamingServer streams, Map<String, Page> pages) {
    if (!address.getAddress().isLoopbackAddress()) {
      log.warn(
          "metrics at {} can be read by whoever reaches that address; pods are named there",
          address);
    }
    try {
      return Optional.of(MetricsServer.start(address, streams.loop(), pages));
    } catch (CriException e) {
      log.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  private static CniOptions cni(Options options) {
    return new CniOptions(
        options.cni().confDir(),
        options.cni().binDirs(),
        options.cni().cacheDir(),
        options.root().resolve("pod-cidr"),
        options.cni().podCidr());
  }

  private static OomScoreAdjustment oom(Options options) {
    return OomScoreAdjustment.ofThisProcess(
        switch (options.restrictOomScoreAdj()) {
          case AUTO -> OomScoreAdjustment.Mode.AUTO;
          case ALWAYS -> OomScoreAdjustment.Mode.ALWAYS;
          case NEVER -> OomScoreAdjustment.Mode.NEVER;
        });
  }

  private static String status(Options options, EngineHealth docker) {
    return "serving; " + sentence(options, docker);
  }

  /** Gives Docker a moment, so that the first calls need not fail; they wait for the socket. */
  private static void awaitDocker(Longshore longshore) throws InterruptedException {
    long end = System.nanoTime() + FIRST_CONTACT.toNanos();
    while (!longshore.view().health().ready() && System.nanoTime() < end) {
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private static void announce(
      Options options, Path socket, String version, Longshore longshore, PodNetworks networks) {
    log.info(
        "Longshore {} serves unix://{}; {}; {}",
        version,
        socket,
        sentence(options, longshore.view().health()),
        sentence(networks.status()));
  }

  private static String sentence(Options options, EngineHealth docker) {
    return docker
        .engine()
        .filter(_ -> docker.ready())
        .map(Server::sentence)
        .orElseGet(
            () ->
                "no Docker at %s yet: %s".formatted(options.docker().endpoint(), docker.message()));
  }

  private static String sentence(EngineInfo docker) {
    return "Docker %s (API %s)".formatted(docker.version(), docker.apiVersion());
  }

  private static String sentence(NetworkStatus pods) {
    return pods.ready()
        ? "pod network %s from %s".formatted(pods.networkName(), pods.configFile())
        : "no pod network yet: " + pods.message();
  }

  /** Reads the configuration anew and takes over what can change. */
  void reload(Supplier<Options> reread) {
    manager.reloading();
    try {
      reload.run(reread);
    } finally {
      manager.reloaded();
    }
  }

  @Override
  public void close() {
    log.info("stopping: calls under way may finish");
    opened.close();
    log.info("stopped");
  }
}
