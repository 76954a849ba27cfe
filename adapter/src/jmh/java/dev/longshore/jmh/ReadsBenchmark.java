package dev.longshore.jmh;

import dev.longshore.Fleet;
import dev.longshore.common.Encoded;
import dev.longshore.container.ContainerQueries;
import dev.longshore.container.KernelSide;
import dev.longshore.cri.v1.ContainerFilter;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ContainerStatusResponse;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.kernel.CgroupReader;
import dev.longshore.kernel.Processes;
import dev.longshore.view.View;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The reads of a node, without gRPC: list, list made anew, filter, status. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ReadsBenchmark {
  private static final int CONTAINERS_EACH = 2;

  /** How many containers there are, sandboxes not counted. */
  @Param({"100", "1000", "10000"})
  public int containers;

  private View view;
  private ContainerQueries queries;
  private ContainerFilter running;
  private ContainerFilter sandbox;
  private ContainerStatusRequest status;

  @Setup(Level.Trial)
  public void start() {
    FakeDockerEngine docker = new FakeDockerEngine();
    String last =
        new Fleet(docker).run(containers / CONTAINERS_EACH, CONTAINERS_EACH).getLast().value();
    view = new View(docker, _ -> {}, _ -> {});
    view.start();
    while (!view.health().ready()) {
      LockSupport.parkNanos(1_000_000);
    }
    queries =
        new ContainerQueries(
            view,
            new KernelSide(new CgroupReader(Path.of("/proc")), new Processes(Path.of("/proc"))));
    status = ContainerStatusRequest.newBuilder().setContainerId(last).build();
    // Lets all through, so that the list is made anew.
    running =
        ContainerFilter.newBuilder()
            .putLabelSelector("io.kubernetes.pod.namespace", "shop")
            .build();
    sandbox =
        ContainerFilter.newBuilder()
            .setPodSandboxId(view.snapshot().container(last).orElseThrow().sandboxId().value())
            .build();
  }

  @TearDown(Level.Trial)
  public void stop() {
    view.close();
  }

  @Benchmark
  public Encoded list() {
    return queries.list(ListContainersRequest.getDefaultInstance());
  }

  @Benchmark
  public Encoded listMadeAnew() {
    return queries.list(ListContainersRequest.newBuilder().setFilter(running).build());
  }

  @Benchmark
  public Encoded filter() {
    return queries.list(ListContainersRequest.newBuilder().setFilter(sandbox).build());
  }

  @Benchmark
  public ContainerStatusResponse status() {
    return queries.status(status);
  }
}
