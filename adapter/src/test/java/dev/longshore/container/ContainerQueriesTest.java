package dev.longshore.container;

import static dev.longshore.container.Calls.assertFails;
import static dev.longshore.container.Node.soon;
import static dev.longshore.container.Samples.config;
import static dev.longshore.container.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.Container;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerFilter;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ContainerStateValue;
import dev.longshore.cri.v1.ContainerStatusRequest;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.ListContainersRequest;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.cri.v1.Signal;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.view.ContainerView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerQueriesTest {
  private static final Instant NEVER = Instant.parse("0001-01-01T00:00:00Z");

  private Node node;

  @BeforeEach
  void begin(@TempDir Path folder) {
    node = new Node(folder);
  }

  @AfterEach
  void end() {
    node.close();
  }

  @Test
  void readsAskNobody() {
    String id = node.running();
    node.docker.clearCalls();
    node.list();
    node.status(id);
    node.queries.status(
        ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true).build());

    assertThat(node.docker.calls()).isEmpty();
  }

  @Test
  void aListEntryHasAllTheKubeletNeeds() {
    String id =
        node.create(
            config()
                .setImage(
                    ImageSpec.newBuilder()
                        .setImage(node.imageId)
                        .setUserSpecifiedImage("busybox:latest"))
                .putLabels("io.kubernetes.container.name", "app")
                .putAnnotations("io.kubernetes.container.hash", "1f"));
    Container container = node.list().getFirst();

    assertThat(container.getId()).isEqualTo(id);
    assertThat(container.getPodSandboxId()).isEqualTo(node.sandbox.value());
    assertThat(container.getMetadata().getName()).isEqualTo("app");
    assertThat(container.getImage().getImage()).isEqualTo("busybox:latest");
    assertThat(container.getImageRef()).isEqualTo(node.imageId);
    assertThat(container.getImageId()).isEqualTo(node.imageId);
    assertThat(container.getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
    assertThat(container.getCreatedAt()).isPositive();
    assertThat(container.getLabelsMap()).isEqualTo(Map.of("io.kubernetes.container.name", "app"));
    assertThat(container.getAnnotationsMap())
        .isEqualTo(Map.of("io.kubernetes.container.hash", "1f"));
  }

  @Test
  void aFilterIsTheConjunctionOfItsParts() {
    String first = node.create(named("one").putLabels("app", "a").putLabels("tier", "x"));
    String second = node.create(named("two").putLabels("app", "a"));
    node.startOnly(second);
    var other = node.runSandbox("other", 0, "none");
    Eventually.until(
        "the other sandbox is seen", () -> node.view.snapshot().sandbox(other.value()).isPresent());
    String third =
        node.create.handle(request(named("one"), other.value()), soon()).getContainerId();

    assertThat(ids(filter())).containsExactlyInAnyOrder(first, second, third);
    assertThat(ids(filter().setId(first))).containsExactly(first);
    assertThat(ids(filter().setId(first.substring(0, 13)))).containsExactly(first);
    assertThat(ids(filter().setId("cd".repeat(32)))).isEmpty();
    assertThat(ids(filter().setPodSandboxId(other.value()))).containsExactly(third);
    assertThat(ids(filter().setPodSandboxId(node.sandbox.value())))
        .containsExactlyInAnyOrder(first, second);
    assertThat(ids(filter().setState(running()))).containsExactly(second);
    assertThat(ids(filter().putLabelSelector("app", "a"))).containsExactlyInAnyOrder(first, second);
    assertThat(ids(filter().putLabelSelector("app", "a").putLabelSelector("tier", "x")))
        .containsExactly(first);
    assertThat(ids(filter().putLabelSelector("app", "b"))).isEmpty();
    assertThat(ids(filter().setId(first).setState(running()))).isEmpty();
    assertThat(
            ids(
                filter()
                    .setPodSandboxId(node.sandbox.value())
                    .setState(running())
                    .putLabelSelector("app", "a")))
        .containsExactly(second);
    // State CREATED is 0 on the wire, which is not the same as no state.
    assertThat(ids(filter().setState(ContainerStateValue.getDefaultInstance())))
        .containsExactlyInAnyOrder(first, third);
  }

  @Test
  void aStatusHasMountsLogPathAndStopSignal() {
    String id =
        node.create(
            config()
                .setLogPath("app/0.log")
                .setStopSignal(Signal.SIGQUIT)
                .addMounts(
                    Mount.newBuilder()
                        .setHostPath("/host")
                        .setContainerPath("/pod")
                        .setReadonly(true)
                        .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)));
    node.startOnly(id);
    var status = node.status(id);

    assertThat(status.getLogPath()).isEqualTo("/var/log/pods/web/app/0.log");
    assertThat(status.getStopSignal()).isEqualTo(Signal.SIGQUIT);
    assertThat(status.getMountsList())
        .containsExactly(
            Mount.newBuilder()
                .setHostPath("/host")
                .setContainerPath("/pod")
                .setReadonly(true)
                .setPropagation(MountPropagation.PROPAGATION_HOST_TO_CONTAINER)
                .build());
    assertThat(status.getImageRef()).isEqualTo(node.imageId);
    assertThat(status.getImageId()).isEqualTo(node.imageId);
    assertThat(status.getStartedAt()).isGreaterThanOrEqualTo(status.getCreatedAt() / 2);
    assertThat(status.getFinishedAt()).isZero();
  }

  @Test
  void endsHaveReasons() {
    assertThat(reasonOf("one", id -> node.docker.exit(id, 0))).isEqualTo("Completed 0");
    assertThat(reasonOf("two", id -> node.docker.exit(id, 3))).isEqualTo("Error 3");
    assertThat(reasonOf("three", node.docker::oom)).isEqualTo("OOMKilled 137");
  }

  private String reasonOf(String name, Consumer<String> end) {
    String id = node.create(named(name));
    node.startOnly(id);
    end.accept(id);
    node.awaitState(id, ContainerState.CONTAINER_EXITED);
    var status = node.status(id);
    assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(status.getStartedAt());
    assertThat(status.getStartedAt()).isPositive();
    return status.getReason() + " " + status.getExitCode();
  }

  @Test
  void anEndThatDockerTimedBeforeTheStartIsMovedToTheStart() {
    Instant started = Samples.NOON.plusMillis(5);
    ContainerView view =
        adopted(new EngineState.Exited(Optional.of(started), Samples.NOON, 0, false, ""));
    var status = ContainerMessages.status(view, node.kernel);
    assertThat(status.getFinishedAt()).isEqualTo(status.getStartedAt()).isPositive();
  }

  @Test
  void timesDockerDoesNotHaveAreZeroAndAnEndNeverIs() {
    ContainerView view =
        adopted(new EngineState.Exited(Optional.of(NEVER), NEVER, 1, false, "no reason"));
    var status = ContainerMessages.status(view, node.kernel);

    assertThat(status.getStartedAt()).isZero();
    assertThat(status.getFinishedAt()).isEqualTo(status.getCreatedAt());
    assertThat(status.getCreatedAt()).isEqualTo(Samples.NOON.getEpochSecond() * 1_000_000_000L);
    assertThat(status.getMessage()).isEqualTo("no reason");
  }

  @Test
  void anAdoptedContainerIsKnownByTheImageDockerNames() {
    assertThat(ContainerMessages.container(adopted(new EngineState.Created())).getImage())
        .isEqualTo(ImageSpec.newBuilder().setImage("pause:3").build());
  }

  @Test
  void theAttemptIsAnUnsignedNumber() {
    ContainerView view = adopted(new EngineState.Created());
    ContainerView late =
        new ContainerView(
            view.engine(),
            new KubeName("app", "web", "default", "uid-1", 0xffff_ffffL),
            view.sandboxId(),
            view.metadata(),
            "");

    assertThat(Integer.toUnsignedLong(ContainerMessages.container(late).getMetadata().getAttempt()))
        .isEqualTo(0xffff_ffffL);
  }

  @Test
  void verboseShowsDockersSide() throws JsonProcessingException {
    String id = node.running();
    String text =
        node.queries
            .status(ContainerStatusRequest.newBuilder().setContainerId(id).setVerbose(true).build())
            .getInfoOrThrow("info");
    JsonNode info = new ObjectMapper().readTree(text);

    assertThat(info.get("sandboxID").asText()).isEqualTo(node.sandbox.value());
    assertThat(info.get("pid").asInt()).isPositive();
    assertThat(info.get("dockerName").asText()).isEqualTo(Node.APP);
    assertThat(
            node.queries
                .status(ContainerStatusRequest.newBuilder().setContainerId(id).build())
                .getInfoMap())
        .isEmpty();
  }

  @Test
  void anUnknownContainerIsNotFound() {
    assertFails(Kind.NOT_FOUND, () -> node.status("cd".repeat(32)))
        .hasMessageContaining("cd".repeat(32));
    assertFails(Kind.NOT_FOUND, () -> node.status("../../etc"));
  }

  private List<String> ids(ContainerFilter.Builder filter) {
    return node.list(ListContainersRequest.newBuilder().setFilter(filter).build()).stream()
        .map(Container::getId)
        .toList();
  }

  private static ContainerFilter.Builder filter() {
    return ContainerFilter.newBuilder();
  }

  private static ContainerStateValue running() {
    return ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING).build();
  }

  private static ContainerConfig.Builder named(String name) {
    ContainerConfig.Builder config = config();
    config.getMetadataBuilder().setName(name);
    return config;
  }

  /** A container that somebody else made. */
  private static ContainerView adopted(EngineState state) {
    var sample = Samples.sandbox("none").engine();
    return new ContainerView(
        new EngineContainer(
            sample.id(),
            Samples.NAME,
            sample.created(),
            state,
            sample.imageId(),
            sample.imageName(),
            Map.of(),
            sample.host(),
            List.of(),
            ""),
        new KubeName("app", "web", "default", "uid-1", 0),
        Samples.SANDBOX,
        new KubeLabels.Metadata(Map.of(), Map.of(), Optional.empty(), "", ""),
        "");
  }
}
