package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerEventResponse;
import dev.longshore.cri.v1.ContainerEventType;
import dev.longshore.cri.v1.ContainerFilter;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.GetEventsRequest;
import dev.longshore.cri.v1.Image;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.ListImagesRequest;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import dev.longshore.cri.v1.StreamContainersRequest;
import dev.longshore.cri.v1.StreamImagesRequest;
import dev.longshore.cri.v1.StreamPodSandboxesRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Reads through the real socket on a node with many pods. */
@Timeout(120)
class ReadsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Comparator<ContainerEventResponse> BY_TIME =
      Comparator.comparingLong(ContainerEventResponse::getCreatedAt);

  private final FakeNode node;
  private final List<ContainerId> containers;

  ReadsTest(@TempDir Path folder) {
    node = new FakeNode(folder);
    containers = new Fleet(node.docker).run(120, 5);
    node.ready();
    Eventually.until("all are listed", () -> listed().size() == containers.size());
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void aStreamHasWhatTheListHasInSeveralMessages() {
    List<List<Container>> parts = new ArrayList<>();
    call(s -> s.streamContainers(StreamContainersRequest.getDefaultInstance()))
        .forEachRemaining(part -> parts.add(part.getContainersList()));
    assertThat(parts.stream().map(List::size)).containsExactly(500, 100);
    assertThat(parts.stream().flatMap(List::stream)).containsExactlyElementsOf(listed());

    List<PodSandbox> sandboxes = new ArrayList<>();
    call(s -> s.streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance()))
        .forEachRemaining(part -> sandboxes.addAll(part.getPodSandboxesList()));
    assertThat(sandboxes)
        .hasSize(120)
        .isEqualTo(
            call(s -> s.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())).getItemsList());

    List<Image> images = new ArrayList<>();
    node.client()
        .images(LIMIT, s -> s.streamImages(StreamImagesRequest.getDefaultInstance()))
        .forEachRemaining(part -> images.addAll(part.getImagesList()));
    assertThat(images)
        .isNotEmpty()
        .isEqualTo(
            node.client()
                .images(LIMIT, s -> s.listImages(ListImagesRequest.getDefaultInstance()))
                .getImagesList());
  }

  @Test
  void aStreamHeedsItsFilter() {
    String id = containers.get(550).value();
    StreamContainersRequest one =
        StreamContainersRequest.newBuilder()
            .setFilter(ContainerFilter.newBuilder().setId(id))
            .build();
    List<String> ids = new ArrayList<>();
    call(s -> s.streamContainers(one))
        .forEachRemaining(part -> part.getContainersList().forEach(c -> ids.add(c.getId())));
    assertThat(ids).containsExactly(id);
    StreamContainersRequest none =
        StreamContainersRequest.newBuilder()
            .setFilter(ContainerFilter.newBuilder().setId("no such id"))
            .build();
    assertThat(call(s -> s.streamContainers(none)).hasNext()).isFalse();
  }

  @Test
  void aThousandRelistsAndStatusesAskDockerNothingAndStartNoProcess() throws Exception {
    String container = containers.getFirst().value();
    String sandbox = listed().getFirst().getPodSandboxId();
    AtomicInteger processes = new AtomicInteger();
    try (RecordingStream forks = new RecordingStream()) {
      forks.enable("jdk.ProcessStart").withoutStackTrace();
      forks.onEvent("jdk.ProcessStart", _ -> processes.incrementAndGet());
      forks.startAsync();
      // The fake keeps no files, so each running container's output is asked for once.
      Eventually.until(
          "all output is followed",
          () -> Set.copyOf(node.docker.calls("followLogs")).size() == containers.size());
      node.docker.clearCalls();
      relists(1000, container, sandbox);
      assertThat(node.docker.calls().stream().filter(call -> !call.equals("ping"))).isEmpty();
      // The one that shows that processes are counted.
      assertThat(new ProcessBuilder("true").start().waitFor()).isZero();
      assertThat(forks.stop()).isTrue();
    }
    assertThat(processes).hasValue(1);
  }

  @Test
  void aReaderOfEventsThatStallsIsCutOffAndOthersAreNot() throws InterruptedException {
    List<ContainerEventResponse> told = new CopyOnWriteArrayList<>();
    Thread listener = listen(told);
    Iterator<ContainerEventResponse> stalled =
        call(s -> s.getContainerEvents(GetEventsRequest.getDefaultInstance()));
    Eventually.until("both listen", () -> node.longshore().events().subscribers() == 2);
    String id = containers.getFirst().value();
    int changes = 0;
    while (node.longshore().events().subscribers() == 2) {
      if (changes % 2 == 0) {
        node.docker.exit(id, 0);
      } else {
        node.docker.startBehind(id);
      }
      int expected = ++changes;
      Eventually.until("the other is told", () -> told.size() == expected);
    }
    // What the server has sent lies in the socket: the first events still come, then the reason.
    assertThatThrownBy(() -> stalled.forEachRemaining(_ -> {}))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    assertThat(listed()).hasSize(containers.size());
    listener.interrupt();
    listener.join();
  }

  private void relists(int count, String container, String sandbox) {
    for (int i = 0; i < count; i++) {
      Message _ = call(s -> s.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()));
      assertThat(listed()).hasSize(containers.size());
      Message _ = call(s -> s.containerStatus(status(container)));
      Message _ =
          call(
              s ->
                  s.podSandboxStatus(
                      PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build()));
    }
  }

  @Test
  void aStormOfExitsIsListedSoonAndToldOnceEach() throws InterruptedException {
    List<ContainerEventResponse> told = new CopyOnWriteArrayList<>();
    Thread listener = listen(told);
    List<ContainerId> dying = containers.subList(0, 500);
    dying.forEach(id -> node.docker.exit(id.value(), 3));
    long allDead = System.nanoTime();
    while (exited() < dying.size()) {
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - allDead);
    System.out.printf("500 exits are listed %d ms after the last%n", taken.toMillis());
    // 1 s is the aim; a busy machine gets more.
    assertThat(taken).isLessThan(Duration.ofSeconds(5));
    Eventually.until("all exits are told", () -> told.size() >= dying.size());
    listener.interrupt();
    listener.join();
    assertThat(told.stream().map(ContainerEventResponse::getContainerId))
        .containsExactlyInAnyOrderElementsOf(dying.stream().map(ContainerId::value).toList());
    assertThat(told)
        .allSatisfy(
            event -> {
              assertThat(event.getContainerEventType())
                  .isEqualTo(ContainerEventType.CONTAINER_STOPPED_EVENT);
              assertThat(event.getPodSandboxStatus().getMetadata().getUid()).isNotEmpty();
              assertThat(event.getContainersStatusesList()).hasSize(5);
            });
    assertThat(told).isSortedAccordingTo(BY_TIME);
  }

  private Thread listen(List<ContainerEventResponse> told) {
    Thread listener =
        Thread.startVirtualThread(
            () -> {
              try {
                Iterator<ContainerEventResponse> events =
                    call(s -> s.getContainerEvents(GetEventsRequest.getDefaultInstance()));
                events.forEachRemaining(told::add);
              } catch (CriException | StatusRuntimeException e) {
                return; // Its listener has left.
              }
            });
    Eventually.until("somebody listens", () -> node.longshore().events().subscribers() == 1);
    return listener;
  }

  private long exited() {
    return listed().stream().filter(c -> c.getState() == ContainerState.CONTAINER_EXITED).count();
  }

  private List<Container> listed() {
    return call(s -> s.listContainers(ListContainersRequest.getDefaultInstance()))
        .getContainersList();
  }

  private static ContainerStatusRequest status(String container) {
    return ContainerStatusRequest.newBuilder().setContainerId(container).build();
  }

  private <R> R call(Function<RuntimeServiceBlockingStub, R> call) {
    return node.client().runtime(LIMIT, call);
  }
}
