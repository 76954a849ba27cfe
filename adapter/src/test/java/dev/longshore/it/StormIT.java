package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerEventResponse;
import dev.longshore.cri.v1.ContainerEventType;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.GetEventsRequest;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.PodSandboxConfig;
import io.grpc.StatusRuntimeException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many containers that end in the same moment. How many, {@code LONGSHORE_IT_STORM} says: hundreds
 * take a machine minutes to start.
 */
@Timeout(900)
class StormIT {
  private static final int ALL =
      Integer.parseInt(System.getenv().getOrDefault("LONGSHORE_IT_STORM", "40"));
  private static final int PER_POD = 10;
  private static final int AT_A_TIME = 8;
  // One second is the aim; a busy machine gets more.
  private static final Duration MOST = Duration.ofSeconds(5);

  @Test
  void everyExitIsListedSoonAfterDockerTellsItAndToldOnce(@TempDir Path gate) throws Exception {
    Path pipe = gate.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (TestNode node = new TestNode(DockerApi.ofMachine()).start()) {
      Pods pods = new Pods(node);
      List<String> ids = startAll(pods, gate);
      List<ContainerEventResponse> told = new CopyOnWriteArrayList<>();
      Thread listener = Thread.startVirtualThread(() -> listen(node, told));
      List<Path> ends = ends(node, ids);
      Map<String, Instant> deaths = new ConcurrentHashMap<>();
      Duration stall;
      BooleanSupplier allDead = () -> deaths.keySet().containsAll(ids);
      CompletableFuture<Void> following =
          CompletableFuture.runAsync(
              () -> follow(node, deaths, allDead), Thread::startVirtualThread);
      // Closing the writer ends all who read.
      try (FileOutputStream _ = new FileOutputStream(pipe.toFile())) {
        TestNode.await("all read", () -> ends.stream().allMatch(Files::exists));
      }
      Instant closed = Instant.now();
      Map<String, Instant> listed;
      try (Oversleep machine = new Oversleep()) {
        listed = watch(node, Set.copyOf(ids));
        following.get(1, TimeUnit.MINUTES);
        stall = machine.longest();
      }
      List<Duration> late =
          ids.stream()
              .map(id -> Duration.between(deaths.get(id), listed.get(id)))
              .sorted()
              .toList();
      System.out.printf(
          "%d exits: Docker tells them within %d ms; half of them are listed within %d ms more, 9"
              + " of 10 within %d, all within %d; the machine lets a thread wait for %d ms%n",
          ids.size(),
          Duration.between(closed, deaths.values().stream().max(Instant::compareTo).orElseThrow())
              .toMillis(),
          late.get(late.size() / 2).toMillis(),
          late.get(late.size() * 9 / 10).toMillis(),
          late.getLast().toMillis(),
          stall.toMillis());
      assertThat(late.getLast()).isLessThan(MOST);
      TestNode.await("all are told", () -> stops(told).size() >= ids.size());
      listener.interrupt();
      listener.join();
      assertThat(stops(told)).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  private static List<String> startAll(Pods pods, Path gate) throws Exception {
    try (ExecutorService starters = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Future<String>> starts = new ArrayList<>();
      for (int first = 0; first < ALL; first += PER_POD) {
        PodSandboxConfig pod = Pods.onHost(pods.config("storm" + first, 0));
        String sandbox = pods.run(pod);
        for (int i = first; i < Math.min(ALL, first + PER_POD); i++) {
          ContainerConfig container =
              Pods.container("c" + i, "cat", "/gate/pipe").toBuilder()
                  .addMounts(
                      Mount.newBuilder().setHostPath(gate.toString()).setContainerPath("/gate"))
                  .build();
          starts.add(starters.submit(() -> pods.start(sandbox, pod, container)));
        }
      }
      List<String> ids = new ArrayList<>();
      for (Future<String> start : starts) {
        ids.add(start.get());
      }
      return ids;
    }
  }

  /** The first file that each container's process has opened. */
  private static List<Path> ends(TestNode node, List<String> ids) throws IOException {
    List<Path> ends = new ArrayList<>();
    for (String id : ids) {
      ends.add(Path.of("/proc", node.docker().inspect(id).at("/State/Pid").asText(), "fd", "3"));
    }
    return ends;
  }

  /** When each exit was first seen in the list. */
  private static Map<String, Instant> watch(TestNode node, Set<String> ids) {
    Map<String, Instant> seen = new HashMap<>();
    TestNode.await(
        "all exits are listed",
        Duration.ofMinutes(5),
        () -> {
          var request = ListContainersRequest.getDefaultInstance();
          for (Container container : node.runtime().listContainers(request).getContainersList()) {
            if (container.getState() == ContainerState.CONTAINER_EXITED
                && ids.contains(container.getId())) {
              seen.putIfAbsent(container.getId(), Instant.now());
            }
          }
          return seen.size() == ids.size();
        });
    return seen;
  }

  private static void follow(TestNode node, Map<String, Instant> deaths, BooleanSupplier allDead) {
    try {
      node.docker().followDeaths(deaths, allDead);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void listen(TestNode node, List<ContainerEventResponse> told) {
    try {
      node.runtime()
          .getContainerEvents(GetEventsRequest.getDefaultInstance())
          .forEachRemaining(told::add);
    } catch (StatusRuntimeException e) {
      return; // Its listener has left.
    }
  }

  private static List<String> stops(List<ContainerEventResponse> told) {
    return told.stream()
        .filter(e -> e.getContainerEventType() == ContainerEventType.CONTAINER_STOPPED_EVENT)
        .map(ContainerEventResponse::getContainerId)
        .toList();
  }

  /** How long the machine makes a thread wait that is ready to run: that is nobody's lateness. */
  private static final class Oversleep implements AutoCloseable {
    private static final Duration NAP = Duration.ofMillis(10);

    private final AtomicLong longest = new AtomicLong();
    private final Thread sleeper = Thread.ofPlatform().daemon().start(this::run);

    Duration longest() {
      return Duration.ofNanos(longest.get());
    }

    private void run() {
      try {
        while (true) {
          long start = System.nanoTime();
          Thread.sleep(NAP);
          longest.accumulateAndGet(System.nanoTime() - start - NAP.toNanos(), Math::max);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      sleeper.interrupt();
    }
  }
}
