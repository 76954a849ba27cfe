package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ListPodSandboxRequest;
import dev.longshore.cri.v1.NamespaceMode;
import dev.longshore.cri.v1.NamespaceOption;
import dev.longshore.cri.v1.PodSandbox;
import dev.longshore.cri.v1.PodSandboxFilter;
import dev.longshore.cri.v1.PodSandboxState;
import dev.longshore.cri.v1.PodSandboxStateValue;
import dev.longshore.cri.v1.PodSandboxStatus;
import dev.longshore.cri.v1.PodSandboxStatusRequest;
import dev.longshore.cri.v1.RunPodSandboxRequest;
import dev.longshore.cri.v1.UpdatePodSandboxResourcesRequest;
import dev.longshore.network.FakePodNetworks;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SandboxQueriesTest extends SandboxRig {
  private static final String UNKNOWN = "0123456789abcdef".repeat(4);

  @Test
  void everyPartOfAFilterMustBeMet() {
    ContainerId one = node.run(Requests.run("one"));
    ContainerId two = node.run(Requests.withLabel(Requests.run("two"), "tier", "db"));
    ContainerId three = node.run(Requests.withLabel(Requests.run("three"), "tier", "db"));
    node.stop(three.value());

    assertThat(ids(f -> {})).containsExactly(three, two, one);
    assertThat(ids(f -> f.setId(two.value()))).containsExactly(two);
    assertThat(ids(f -> f.setId(two.shortForm()))).containsExactly(two);
    assertThat(ids(f -> f.setId(UNKNOWN))).isEmpty();
    assertThat(ids(f -> f.setId("no such id"))).isEmpty();
    assertThat(ids(f -> f.setState(value(PodSandboxState.SANDBOX_READY))))
        .containsExactly(two, one);
    assertThat(ids(f -> f.setState(value(PodSandboxState.SANDBOX_NOTREADY))))
        .containsExactly(three);
    assertThat(ids(f -> f.putLabelSelector("tier", "db"))).containsExactly(three, two);
    assertThat(ids(f -> f.putLabelSelector("tier", "db").putLabelSelector("app", "two")))
        .containsExactly(two);
    assertThat(ids(f -> f.putLabelSelector("tier", "web"))).isEmpty();
    assertThat(
            ids(
                f ->
                    f.putLabelSelector("tier", "db")
                        .setState(value(PodSandboxState.SANDBOX_READY))
                        .setId(one.value())))
        .isEmpty();
  }

  @Test
  void aListAndAStatusSayTheSameAndExactlyWhatWasSet() {
    RunPodSandboxRequest request =
        Requests.run("web-0").toBuilder().setRuntimeHandler("docker").build();
    ContainerId id = node.run(request);
    PodSandbox listed = node.list().getFirst();
    PodSandboxStatus status = node.status(id.value()).getStatus();
    assertThat(listed.getMetadata())
        .isEqualTo(status.getMetadata())
        .isEqualTo(request.getConfig().getMetadata());
    assertThat(listed.getLabelsMap())
        .isEqualTo(status.getLabelsMap())
        .isEqualTo(request.getConfig().getLabelsMap());
    assertThat(listed.getAnnotationsMap())
        .isEqualTo(status.getAnnotationsMap())
        .isEqualTo(request.getConfig().getAnnotationsMap());
    assertThat(listed.getCreatedAt()).isEqualTo(status.getCreatedAt()).isPositive();
    assertThat(listed.getRuntimeHandler())
        .isEqualTo(status.getRuntimeHandler())
        .isEqualTo("docker");
    assertThat(listed.getState())
        .isEqualTo(status.getState())
        .isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(node.status(id.value()).getTimestamp())
        .isEqualTo(Node.NOW.getEpochSecond() * 1_000_000_000 + 7);
  }

  @Test
  void bothAddressesOfADualStackPodAreTold() {
    var dual = new FakePodNetworks(true);
    try (Node dualNode = Node.start(docker, dual, disk.resolve("dual"))) {
      ContainerId id = dualNode.run(Requests.run("web-0"));
      PodSandboxStatus status = dualNode.status(id.value()).getStatus();
      assertThat(status.getNetwork().getIp()).isEqualTo("10.1.0.2");
      assertThat(status.getNetwork().getAdditionalIpsList())
          .extracting(ip -> ip.getIp())
          .containsExactly("fd00:1::2");
    }
  }

  @Test
  void namespacesAreReadBackFromDocker() {
    ContainerId pod = node.run(Requests.run("web-0"));
    ContainerId host = node.run(Requests.runOnHost("web-1"));
    assertThat(options(pod))
        .isEqualTo(
            NamespaceOption.newBuilder()
                .setNetwork(NamespaceMode.POD)
                .setPid(NamespaceMode.CONTAINER)
                .setIpc(NamespaceMode.POD)
                .build());
    assertThat(options(host).getNetwork()).isEqualTo(NamespaceMode.NODE);
  }

  @Test
  void readsCostDockerNothingAndWaitForNobody() {
    List<ContainerId> pods =
        List.of(node.run(Requests.run("one")), node.run(Requests.runOnHost("two")));
    docker.clearCalls();
    docker.hang();
    for (int i = 0; i < 100; i++) {
      assertThat(node.list()).hasSize(2);
      pods.forEach(id -> assertThat(node.status(id.value()).getStatus().getId()).isNotEmpty());
    }
    assertThat(calls()).isEmpty();
    docker.resume();
  }

  @Test
  void detailsAreThereOnRequest() throws Exception {
    ContainerId id = node.run(Requests.run("web-0"));
    var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id.value());
    assertThat(node.queries.status(request.build()).getInfoMap()).isEmpty();
    String info = node.queries.status(request.setVerbose(true).build()).getInfoOrThrow("info");
    JsonNode details = new ObjectMapper().readTree(info);
    assertThat(details.get("pid").asInt()).isPositive();
    assertThat(details.get("netns").asText())
        .isEqualTo("/proc/%d/ns/net".formatted(details.get("pid").asInt()));
    assertThat(details.get("image").asText()).startsWith("sha256:");
    assertThat(details.get("phase").asText()).isEqualTo("READY");
    assertThat(details.get("network").asText()).isEqualTo("fake");
    assertThat(details.has("cgroupParent")).isTrue();
  }

  @Test
  void anUnknownSandboxIsNotFound() {
    for (String id : List.of(UNKNOWN, "../../etc", "12345678-90ab-cdef-1234-567890abcdef")) {
      kind(Kind.NOT_FOUND, () -> node.status(id));
      kind(Kind.NOT_FOUND, () -> update(id));
    }
    kind(Kind.INVALID, () -> node.status(""));
    kind(Kind.INVALID, () -> update(""));
  }

  @Test
  void newLimitsOfAPodAreTheKubeletsWork() {
    ContainerId id = node.run(Requests.run("web-0"));
    docker.clearCalls();
    update(id.value());
    assertThat(calls()).isEmpty();
  }

  @Test
  void aDeadSandboxIsNotReadyAndHasNoAddress() {
    ContainerId id = node.run(Requests.run("web-0"));
    docker.exit(id.value(), 137);
    Eventually.until("death is seen", () -> node.ip(id).isEmpty());
    assertThat(node.status(id.value()).getStatus().getState())
        .isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
  }

  @Test
  void whileDockerIsAwayThereIsNoAnswer() {
    ContainerId id = node.run(Requests.run("web-0"));
    docker.down();
    Eventually.until("Docker is known to be away", () -> !node.view.health().ready());
    kind(Kind.UNAVAILABLE, () -> node.list());
    kind(Kind.UNAVAILABLE, () -> node.status(id.value()));
    docker.up();
    Eventually.until("Docker is back", () -> node.view.health().ready());
    assertThat(node.ip(id)).isNotEmpty();
  }

  private void update(String id) {
    node.update.handle(
        UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(id).build(), Node.soon());
  }

  private NamespaceOption options(ContainerId id) {
    return node.status(id.value()).getStatus().getLinux().getNamespaces().getOptions();
  }

  private List<ContainerId> ids(Consumer<PodSandboxFilter.Builder> given) {
    var request = ListPodSandboxRequest.newBuilder();
    given.accept(request.getFilterBuilder());
    return node.list(request.build()).stream().map(s -> new ContainerId(s.getId())).toList();
  }

  private static PodSandboxStateValue value(PodSandboxState state) {
    return PodSandboxStateValue.newBuilder().setState(state).build();
  }

  private static void kind(Kind kind, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
