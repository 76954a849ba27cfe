package dev.longshore.node;

import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static dev.longshore.cri.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerEventResponse;
import dev.longshore.cri.v1.ContainerEventType;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.PodSandboxMetadata;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.TestSpecs;
import dev.longshore.node.ContainerEvents.Subscription;
import dev.longshore.view.SandboxView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ContainerEventsTest {
  private static final String IMAGE = "busybox:1.36";
  private static final KubeName POD = KubeName.sandbox("web", "shop", "u-1", 0);

  private final FakeDockerEngine docker = new FakeDockerEngine();
  private final Set<String> inTheMaking = ConcurrentHashMap.newKeySet();
  private final View view = new View(docker, _ -> {}, _ -> {});
  // A clock that stands still: events must differ in time all the same.
  private final ContainerEvents events =
      new ContainerEvents(new Words(), InstantSource.fixed(Nodes.SOME_TIME));
  private final List<CriException> cuts = new CopyOnWriteArrayList<>();
  private volatile String note = "";

  @BeforeEach
  void start() {
    docker.addImage(IMAGE);
    view.addListener(events);
    view.start();
    Eventually.until("the view is ready", () -> view.health().ready());
  }

  @AfterEach
  void close() {
    view.close();
  }

  @Test
  void aPodsLifeIsToldStepByStep() throws InterruptedException {
    try (Subscription subscription = events.subscribe(cuts::add)) {
      ContainerId sandbox = docker.createBehind(sandbox());
      expect(subscription, sandbox, CONTAINER_CREATED_EVENT);
      docker.startBehind(sandbox.value());
      expect(subscription, sandbox, CONTAINER_STARTED_EVENT);
      ContainerId app = docker.createBehind(container(sandbox));
      assertThat(expect(subscription, app, CONTAINER_CREATED_EVENT).getContainersStatusesList())
          .hasSize(1);
      docker.startBehind(app.value());
      ContainerEventResponse started = expect(subscription, app, CONTAINER_STARTED_EVENT);
      assertThat(started.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
      docker.exit(app.value(), 1);
      ContainerEventResponse stopped = expect(subscription, app, CONTAINER_STOPPED_EVENT);
      assertThat(stopped.getCreatedAt()).isGreaterThan(started.getCreatedAt());
      docker.removeBehind(app.value());
      assertThat(expect(subscription, app, CONTAINER_DELETED_EVENT).getContainersStatusesList())
          .isEmpty();
      docker.removeBehind(sandbox.value());
      expect(subscription, sandbox, CONTAINER_STOPPED_EVENT);
      ContainerEventResponse last = expect(subscription, sandbox, CONTAINER_DELETED_EVENT);
      assertThat(last.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
      assertThat(last.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("u-1");
    }
  }

  @Test
  void aSandboxInTheMakingIsToldOnceItIsComplete() throws InterruptedException {
    inTheMaking.add(POD.toDockerName());
    try (Subscription subscription = events.subscribe(cuts::add)) {
      ContainerId sandbox = docker.createBehind(sandbox());
      docker.startBehind(sandbox.value());
      Eventually.until(
          "it is in the view",
          () ->
              view.snapshot()
                  .sandbox(sandbox.value())
                  .filter(ContainerEventsTest::runs)
                  .isPresent());
      inTheMaking.clear();
      events.completed(POD.toDockerName());
      events.completed(POD.toDockerName());
      expect(subscription, sandbox, CONTAINER_CREATED_EVENT);
      expect(subscription, sandbox, CONTAINER_STARTED_EVENT);
      docker.removeBehind(sandbox.value());
      expect(subscription, sandbox, CONTAINER_STOPPED_EVENT);
      expect(subscription, sandbox, CONTAINER_DELETED_EVENT);
    }
  }

  @Test
  void aSandboxThatIsNeverCompleteIsNeverToldOf() throws InterruptedException {
    inTheMaking.add(POD.toDockerName());
    try (Subscription subscription = events.subscribe(cuts::add)) {
      ContainerId sandbox = docker.createBehind(sandbox());
      Eventually.until("it is there", () -> view.snapshot().sandbox(sandbox.value()).isPresent());
      docker.removeBehind(sandbox.value());
      Eventually.until("it is gone", () -> view.snapshot().sandbox(sandbox.value()).isEmpty());
      inTheMaking.clear();
      expect(subscription, docker.createBehind(sandbox()), CONTAINER_CREATED_EVENT);
    }
  }

  @Test
  void whoReadsTooSlowlyIsCutOffAndOthersAreNot() throws InterruptedException {
    ContainerId app;
    try (Subscription early = events.subscribe(_ -> {})) {
      ContainerId sandbox = docker.createBehind(sandbox());
      docker.startBehind(sandbox.value());
      app = docker.createBehind(container(sandbox));
      String created = "";
      while (!created.equals(app.value())) {
        created = early.next().getContainerId();
      }
    }
    try (Subscription slow = events.subscribe(cuts::add);
        Subscription quick = events.subscribe(_ -> {})) {
      int read = 0;
      while (cuts.isEmpty()) {
        docker.startBehind(app.value());
        expect(quick, app, CONTAINER_STARTED_EVENT);
        docker.exit(app.value(), 0);
        expect(quick, app, CONTAINER_STOPPED_EVENT);
        read += 2;
      }
      assertThat(read).isBetween(ContainerEvents.MOST_WAITING, ContainerEvents.MOST_WAITING + 2);
      assertThat(cuts.getFirst().kind()).isEqualTo(Kind.EXHAUSTED);
      assertThatThrownBy(slow::next).isSameAs(cuts.getFirst());
      assertThat(events.subscribers()).isEqualTo(1);
    }
    assertThat(events.subscribers()).isZero();
  }

  @Test
  void whatWaitsForASlowReaderIsBoundedInBytesToo() throws InterruptedException {
    ContainerId sandbox = docker.createBehind(sandbox());
    ContainerId app = docker.createBehind(container(sandbox));
    Eventually.until("it is there", () -> view.snapshot().container(app.value()).isPresent());
    note = "x".repeat(1 << 20);
    try (Subscription slow = events.subscribe(cuts::add);
        Subscription quick = events.subscribe(_ -> {})) {
      int read = 0;
      while (cuts.isEmpty()) {
        docker.startBehind(app.value());
        expect(quick, app, CONTAINER_STARTED_EVENT);
        docker.exit(app.value(), 0);
        expect(quick, app, CONTAINER_STOPPED_EVENT);
        read += 2;
      }
      assertThat(read).isBetween(2, ContainerEvents.MOST_WAITING_BYTES / (1 << 20) + 2);
      assertThat(cuts.getFirst().kind()).isEqualTo(Kind.EXHAUSTED);
      assertThatThrownBy(slow::next).isSameAs(cuts.getFirst());
    }
  }

  @Test
  void aSingleEventMayBeLargerThanAllThatMayWait() throws InterruptedException {
    ContainerId sandbox = docker.createBehind(sandbox());
    ContainerId app = docker.createBehind(container(sandbox));
    Eventually.until("it is there", () -> view.snapshot().container(app.value()).isPresent());
    note = "x".repeat(ContainerEvents.MOST_WAITING_BYTES);
    try (Subscription subscription = events.subscribe(cuts::add)) {
      docker.startBehind(app.value());
      expect(subscription, app, CONTAINER_STARTED_EVENT);
      assertThat(cuts).isEmpty();
    }
  }

  @Test
  void theEndOfLongshoreEndsEverySubscription() {
    Subscription subscription = events.subscribe(cuts::add);
    events.close();
    assertThatThrownBy(subscription::next)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
    assertThatThrownBy(() -> events.subscribe(cuts::add)).isInstanceOf(CriException.class);
  }

  private static ContainerEventResponse expect(
      Subscription subscription, ContainerId id, ContainerEventType type)
      throws InterruptedException {
    ContainerEventResponse event = subscription.next();
    assertThat(event.getContainerId()).isEqualTo(id.value());
    assertThat(event.getContainerEventType()).isEqualTo(type);
    return event;
  }

  private static boolean runs(SandboxView sandbox) {
    return sandbox.engine().state() instanceof EngineState.Running;
  }

  private static ContainerSpec sandbox() {
    return spec(POD, KubeLabels.forSandbox(metadata()));
  }

  private static ContainerSpec container(ContainerId sandbox) {
    return spec(
        new KubeName("app", "web", "shop", "u-1", 0),
        KubeLabels.forContainer(metadata(), sandbox.value(), ""));
  }

  private static ContainerSpec spec(KubeName name, Map<String, String> labels) {
    return TestSpecs.withLabels(
        TestSpecs.container(name.toDockerName(), IMAGE, "sleep", "1d"), labels);
  }

  private static KubeLabels.Metadata metadata() {
    return new KubeLabels.Metadata(Map.of(), Map.of(), Optional.of(""), "", "hash");
  }

  /** Pods in the fewest words. */
  private final class Words implements ContainerEvents.Pods {
    @Override
    public boolean complete(SandboxView sandbox) {
      return !inTheMaking.contains(sandbox.engine().name());
    }

    @Override
    public PodSandboxStatus status(SandboxView sandbox) {
      return PodSandboxStatus.newBuilder()
          .setId(sandbox.id().value())
          .setState(
              runs(sandbox) ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY)
          .setMetadata(PodSandboxMetadata.newBuilder().setUid(sandbox.name().uid()))
          .build();
    }

    @Override
    public List<ContainerStatus> containers(Snapshot snapshot, ContainerId sandbox) {
      List<ContainerStatus> statuses = new ArrayList<>();
      snapshot
          .containersOf(sandbox)
          .forEach(
              c ->
                  statuses.add(
                      ContainerStatus.newBuilder()
                          .setId(c.id().value())
                          .putAnnotations("note", note)
                          .build()));
      return statuses;
    }
  }
}
