package dev.longshore.view;

import static dev.longshore.view.ViewRig.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.EngineState.Created;
import dev.longshore.docker.EngineState.Exited;
import dev.longshore.docker.EngineState.Running;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.TestSpecs;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import dev.longshore.docker.javaclient.TestImage;
import dev.longshore.it.DockerApi;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The view before a real Docker Engine, with the timing that its events really have. */
@Timeout(120)
final class ViewIT {
  private static final DockerHost HOST =
      DockerHost.parse(System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock"));
  private static final JavaDockerEngine DOCKER = new JavaDockerEngine(HOST);
  private static final DockerApi API = DockerApi.ofMachine();
  private static final int PODS = 10;
  private static final Duration MOST_LAG = Duration.ofSeconds(5);

  private final String uid = UUID.randomUUID().toString();
  private final List<ContainerId> containers = new ArrayList<>();
  private final Queue<String> calls = new ConcurrentLinkedQueue<>();
  private final Probe probe = new Probe(DOCKER);
  private final DockerEngine engine = probe.engine();
  private final View view = new View(engine, _ -> {}, _ -> {});

  @BeforeAll
  static void loadImage() {
    TestImage.load(HOST);
  }

  @AfterAll
  static void disconnect() {
    DOCKER.close();
  }

  @AfterEach
  void removeTraces() {
    containers.forEach(id -> DOCKER.remove(id, soon()));
    view.close();
  }

  @Test
  void aPodCostsSixRequestsAndItsReadsNone() {
    probe.onAnswer(calls::add);
    start();
    for (int pod = 0; pod < PODS; pod++) {
      ContainerId sandbox = runSandbox("p" + pod);
      ContainerId web = runContainer("p" + pod, sandbox);
      assertThat(is(sandbox, Running.class)).isTrue();
      assertThat(is(web, Running.class)).isTrue();
    }
    for (ContainerId id : containers) {
      Eventually.until("its start is delivered", () -> probe.delivered("start", id.value()));
    }
    Eventually.until("all has been looked at", view::settled);
    List<String> ours =
        calls.stream()
            .filter(call -> containers.stream().anyMatch(id -> call.endsWith(id.value())))
            .toList();
    long creates = calls.stream().filter(call -> call.startsWith("create ")).count();
    assertThat(ours.size() + creates).isEqualTo(6 * PODS);
  }

  @Test
  void whatOthersDoIsFollowed() {
    start();
    ContainerId sandbox = DOCKER.create(sandboxSpec("other"), soon());
    containers.add(sandbox);
    Eventually.until("it is made", () -> is(sandbox, Created.class));
    DOCKER.start(sandbox, soon());
    Eventually.until("it runs", () -> is(sandbox, Running.class));
    DOCKER.kill(sandbox, "SIGKILL", soon());
    Eventually.until("it has ended", () -> is(sandbox, Exited.class));
    DOCKER.remove(sandbox, soon());
    Eventually.until("it is gone", () -> view.snapshot().entry(sandbox).isEmpty());
  }

  @Test
  void aPauseByOthersIsSeenAndEndsNothing() throws IOException {
    start();
    ContainerId sandbox = runSandbox("pause");
    API.act(sandbox.value(), "pause");
    Eventually.until("it is paused", () -> running(sandbox).paused());
    API.act(sandbox.value(), "unpause");
    Eventually.until("it goes on", () -> !running(sandbox).paused());
  }

  @Test
  void aNewNameGivenByOthersIsSeen() throws IOException {
    start();
    ContainerId sandbox = runSandbox("rename");
    String name = KubeName.sandbox("renamed", "view-it", uid, 1).toDockerName();
    API.act(sandbox.value(), "rename?name=" + name);
    Eventually.until("it is renamed", () -> view.snapshot().sandboxNamed(name).isPresent());
    assertThat(view.snapshot().sandbox(sandbox.value()).orElseThrow().name().attempt())
        .isEqualTo(1);
    assertThat(view.snapshot().sandboxNamed(sandboxSpec("rename").name())).isEmpty();
  }

  @Test
  void aRestartByOthersIsAnotherRun() throws IOException {
    start();
    ContainerId sandbox = runSandbox("restart");
    Running first = running(sandbox);
    API.act(sandbox.value(), "restart?t=0");
    Eventually.until(
        "it runs anew",
        () ->
            view.snapshot().entry(sandbox).orElseThrow().engine().state() instanceof Running now
                && now.startedAt().isAfter(first.startedAt()));
    assertThat(running(sandbox).pid()).isNotEqualTo(first.pid());
  }

  @Test
  void aKillForWantOfMemoryIsToldFromOtherEnds() {
    start();
    ContainerSpec greedy =
        TestSpecs.withMemory(
            spec(
                KubeName.sandbox("oom", "view-it", uid, 0).toDockerName(),
                KubeLabels.forSandbox(metadata("oom")),
                "tail",
                "/dev/zero"),
            16 << 20);
    ContainerId sandbox = DOCKER.create(greedy, soon());
    containers.add(sandbox);
    DOCKER.start(sandbox, soon());
    Eventually.until("it has ended", () -> is(sandbox, Exited.class));
    Exited end = (Exited) view.snapshot().entry(sandbox).orElseThrow().engine().state();
    assertThat(end.oomKilled()).isTrue();
    assertThat(end.exitCode()).isEqualTo(137);
  }

  @Test
  void howLateEventsComeIsKnown() {
    start();
    ContainerId sandbox = runSandbox("lag");
    Eventually.until("its start is delivered", () -> probe.delivered("start", sandbox.value()));
    assertThat(view.health().eventLag())
        .hasValueSatisfying(lag -> assertThat(lag).isBetween(Duration.ZERO, MOST_LAG));
  }

  @Test
  void labelsComeBackAsTheyWereSetAndWithoutThoseOfTheImage() {
    start();
    ContainerId sandbox = runSandbox("labels");
    assertThat(view.snapshot().sandbox(sandbox.value()).orElseThrow().metadata())
        .isEqualTo(metadata("labels"));
  }

  private void start() {
    view.start();
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  private Running running(ContainerId id) {
    return (Running) view.snapshot().entry(id).orElseThrow().engine().state();
  }

  private boolean is(ContainerId id, Class<?> state) {
    return view.snapshot().entry(id).filter(e -> state.isInstance(e.engine().state())).isPresent();
  }

  private ContainerId runSandbox(String pod) {
    ContainerSpec spec = sandboxSpec(pod);
    try (Mutation mutation = view.mutate(spec.name())) {
      ContainerId id = engine.create(spec, soon());
      containers.add(id);
      engine.start(id, soon());
      mutation.refresh(id, soon());
      return id;
    }
  }

  private ContainerId runContainer(String pod, ContainerId sandbox) {
    String name = new KubeName("web", pod, "view-it", uid, 0).toDockerName();
    ContainerSpec spec =
        spec(name, KubeLabels.forContainer(metadata(pod), sandbox.value(), "/var/log/none"));
    ContainerId id;
    try (Mutation mutation = view.mutate(name)) {
      id = engine.create(spec, soon());
      containers.add(id);
      mutation.created(Samples.fresh(id, spec));
    }
    try (Mutation mutation = view.mutate(name)) {
      engine.start(id, soon());
      mutation.refresh(id, soon());
    }
    return id;
  }

  private ContainerSpec sandboxSpec(String pod) {
    return spec(
        KubeName.sandbox(pod, "view-it", uid, 0).toDockerName(),
        KubeLabels.forSandbox(metadata(pod)));
  }

  private static ContainerSpec spec(String name, Map<String, String> labels) {
    return spec(name, labels, "sleep", "1000");
  }

  private static ContainerSpec spec(
      String name, Map<String, String> labels, String applet, String argument) {
    return TestSpecs.withLabels(
        TestSpecs.container(name, TestImage.NAME, "/bin/busybox", applet, argument), labels);
  }

  private static KubeLabels.Metadata metadata(String pod) {
    return new KubeLabels.Metadata(
        Map.of("app", pod, "annotation.app", "a label"),
        Map.of("note", pod, KubeLabels.TYPE, "mine"),
        Optional.empty(),
        "",
        "hash");
  }
}
