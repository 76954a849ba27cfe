package dev.longshore.bench;

import com.google.protobuf.Message;
import dev.longshore.client.CriClient;
import dev.longshore.client.LeanReads;
import dev.longshore.client.PeerProcess;
import dev.longshore.client.TestPod;
import dev.longshore.common.CriException;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxFilter;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.cri.v1.RemovePodSandboxRequest;
import dev.longshore.cri.v1.StopPodSandboxRequest;
import dev.longshore.cri.v1.VersionRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One server that is measured, and its pods. Thread-safe. */
final class Subject implements Measured, AutoCloseable {
  static final String NAMESPACE = "longshore-bench";

  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Duration PULL_LIMIT = Duration.ofMinutes(15);
  static final String RUN_LABEL = "dev.longshore.bench";

  private final Path socket;
  private final String run;
  private final Path logs;
  private final CriClient client;
  private final LeanReads reads;
  private final ProcessUse process;
  private final Map<Call, Samples> samples = new EnumMap<>(Call.class);
  private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);
  private final List<BenchPod> pods = new CopyOnWriteArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  /**
   * The server at that socket.
   *
   * @param run marks the pods of this run, so that all of them can be found again
   * @param logs folder for the pods' logs
   */
  Subject(Path socket, String run, Path logs, Path proc) {
    this.socket = socket;
    this.run = run;
    this.logs = logs;
    this.process = new ProcessUse(proc, PeerProcess.of(socket));
    this.client = CriClient.of(socket);
    this.reads = client.leanReads();
    forget(EnumSet.allOf(Call.class));
  }

  @Override
  public String name() {
    return socket.getFileName().toString();
  }

  @Override
  public String place() {
    return "unix://" + socket;
  }

  Path socket() {
    return socket;
  }

  ProcessUse process() {
    return process;
  }

  @Override
  public Samples samples(Call call) {
    return samples.getOrDefault(call, new Samples());
  }

  synchronized void set(Figure figure, double value) {
    figures.put(figure, value);
  }

  @Override
  public synchronized double get(Figure figure) {
    return figures.getOrDefault(figure, Double.NaN);
  }

  /** Makes sure that the server answers and has the image; what it calls itself. */
  String prepare(String image) {
    var version = client.runtime(LIMIT, stub -> stub.version(VersionRequest.getDefaultInstance()));
    ImageSpec spec = ImageSpec.newBuilder().setImage(image).build();
    ImageStatusRequest question = ImageStatusRequest.newBuilder().setImage(spec).build();
    if (!client.images(LIMIT, stub -> stub.imageStatus(question)).hasImage()) {
      PullImageRequest pull = PullImageRequest.newBuilder().setImage(spec).build();
      Message _ = client.images(PULL_LIMIT, stub -> stub.pullImage(pull));
    }
    return version.getRuntimeName() + " " + version.getRuntimeVersion();
  }

  /** Makes a pod with its containers running. */
  BenchPod start(String image, int containers) {
    TestPod pod = new TestPod(client, NAMESPACE, "bench-" + next.incrementAndGet(), logs, labels());
    long began = System.nanoTime();
    String sandbox = timed(Call.RUN_POD_SANDBOX, pod::run);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < containers; i++) {
      String name = "c" + i;
      String id = timed(Call.CREATE_CONTAINER, () -> pod.create(sandbox, name, image));
      Object _ = timed(Call.START_CONTAINER, () -> pod.start(id));
      ids.add(id);
    }
    samples(Call.POD_START).add(System.nanoTime() - began);
    return new BenchPod(pod, sandbox, ids);
  }

  void keep(BenchPod pod) {
    pods.add(pod);
  }

  List<BenchPod> pods() {
    return pods;
  }

  /** Stops and removes a pod as the kubelet does. */
  void end(BenchPod pod) {
    pods.remove(pod);
    long began = System.nanoTime();
    for (String id : pod.containers) {
      Object _ = timed(Call.STOP_CONTAINER, () -> pod.pod.stop(id));
    }
    Object _ = timed(Call.STOP_POD_SANDBOX, () -> pod.pod.stopSandbox(pod.sandbox));
    for (String id : pod.containers) {
      Object _ = timed(Call.REMOVE_CONTAINER, () -> pod.pod.remove(id));
    }
    Object _ = timed(Call.REMOVE_POD_SANDBOX, () -> pod.pod.removeSandbox(pod.sandbox));
    samples(Call.POD_END).add(System.nanoTime() - began);
  }

  /**
   * Makes sure that the lists have all pods: an answer is only quick when it is right.
   *
   * @throws CriException INTERNAL naming the list that lacks something
   */
  void checkLists() {
    Set<String> sandboxes =
        client
            .runtime(LIMIT, s -> s.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
            .getItemsList()
            .stream()
            .map(PodSandbox::getId)
            .collect(Collectors.toSet());
    Set<String> containers =
        client
            .runtime(LIMIT, s -> s.listContainers(ListContainersRequest.getDefaultInstance()))
            .getContainersList()
            .stream()
            .map(Container::getId)
            .collect(Collectors.toSet());
    for (BenchPod pod : pods) {
      if (!sandboxes.contains(pod.sandbox) || !containers.containsAll(pod.containers)) {
        throw new CriException(
            CriException.Kind.INTERNAL,
            "%s: the lists lack sandbox %s or a container of it".formatted(socket, pod.sandbox));
      }
    }
  }

  /** Both lists, as the kubelet asks for them every second. */
  void relist() {
    long sandboxes = reads.listPodSandbox();
    long containers = reads.listContainers();
    samples(Call.LIST_POD_SANDBOX).add(sandboxes);
    samples(Call.LIST_CONTAINERS).add(containers);
    samples(Call.RELIST).add(sandboxes + containers);
  }

  void statuses(BenchPod pod) {
    samples(Call.POD_SANDBOX_STATUS).add(reads.podSandboxStatus(pod.sandbox));
    for (String id : pod.containers) {
      samples(Call.CONTAINER_STATUS).add(reads.containerStatus(id));
    }
  }

  void stats() {
    samples(Call.LIST_CONTAINER_STATS).add(reads.listContainerStats());
  }

  void exec(BenchPod pod) {
    String _ = timed(Call.EXEC_SYNC, () -> pod.pod.exec(pod.containers.getFirst(), "true"));
  }

  /** Forgets the times of these calls: they were for warming up. */
  void forget(Collection<Call> calls) {
    calls.forEach(call -> samples.put(call, new Samples()));
  }

  /** Removes every pod of this run that the server still lists; how many there were. */
  int cleanUp() {
    PodSandboxFilter ours = PodSandboxFilter.newBuilder().putAllLabelSelector(labels()).build();
    ListPodSandboxRequest request = ListPodSandboxRequest.newBuilder().setFilter(ours).build();
    List<PodSandbox> left =
        client.runtime(LIMIT, stub -> stub.listPodSandbox(request)).getItemsList();
    for (PodSandbox sandbox : left) {
      var stop = StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox.getId()).build();
      var remove = RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox.getId()).build();
      Message _ = client.runtime(LIMIT, stub -> stub.stopPodSandbox(stop));
      Message _ = client.runtime(LIMIT, stub -> stub.removePodSandbox(remove));
    }
    return left.size();
  }

  @Override
  public void close() {
    client.close();
  }

  private Map<String, String> labels() {
    return Map.of(RUN_LABEL, run);
  }

  private <T> T timed(Call call, Supplier<T> work) {
    long began = System.nanoTime();
    T result = work.get();
    samples(call).add(System.nanoTime() - began);
    return result;
  }

  /** A pod with running containers. */
  record BenchPod(TestPod pod, String sandbox, List<String> containers) {}
}
