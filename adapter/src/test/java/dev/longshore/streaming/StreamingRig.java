package dev.longshore.streaming;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.TestSpecs;
import dev.longshore.kernel.NetNamespaceSockets;
import dev.longshore.kernel.Processes;
import dev.longshore.kernel.Signals;
import dev.longshore.streaming.StreamingOptions.Certificate;
import dev.longshore.streaming.Target.Streams;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;

/** The server before a fake Docker with one running container. */
final class StreamingRig implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  final FakeDockerEngine docker = new FakeDockerEngine();
  final ContainerId container;
  private final StreamingServer server;
  private final int pid;

  StreamingRig(Path proc) {
    this(proc, Duration.ofHours(1));
  }

  StreamingRig(Path proc, Duration idle) {
    this(proc, options(idle, true, Optional.empty()));
  }

  StreamingRig(Path proc, StreamingOptions options) {
    docker.addImage("busybox:1");
    container = docker.create(TestSpecs.container("web", "busybox:1", "sleep"), soon());
    docker.start(container, soon());
    pid =
        docker.peek("web").orElseThrow().state() instanceof EngineState.Running running
            ? running.pid()
            : 0;
    server =
        StreamingServer.start(
            options, docker, new Processes(proc), new Signals(), new NetNamespaceSockets(proc));
  }

  /** Some of its own, that lead nowhere. */
  Upgrades upgrades() {
    Processes processes = new Processes(Path.of("/nowhere"));
    return new Upgrades(
        Executors.newVirtualThreadPerTaskExecutor(),
        new TerminalSession(
            docker,
            new ExecProcesses(docker, processes, new Signals()::send, true),
            ByteBufAllocator.DEFAULT),
        new Forward(new NetNamespaceSockets(Path.of("/nowhere")), ByteBufAllocator.DEFAULT),
        Duration.ofHours(1));
  }

  static StreamingOptions options(
      Duration idle, boolean killAbandoned, Optional<Certificate> certificate) {
    return new StreamingOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        idle,
        killAbandoned,
        certificate);
  }

  static Deadline soon() {
    return Deadline.in(LIMIT);
  }

  InetSocketAddress address() {
    return server.address();
  }

  String exec(Streams streams, String... command) {
    return server.urls().prepare(new Target.Exec(container, pid, "web", List.of(command), streams));
  }

  String attach(Streams streams, boolean tty) {
    return server.urls().prepare(new Target.Attach(container, "web", tty, streams));
  }

  /** To this machine's own loopback. */
  String portForward(Integer... ports) {
    return server.urls().prepare(new Target.PortForward("pod", pid, true, List.of(ports)));
  }

  @Override
  public void close() {
    server.close();
  }
}
