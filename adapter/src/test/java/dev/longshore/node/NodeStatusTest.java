package dev.longshore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.common.Deadline;
import dev.longshore.cri.v1.NetworkConfig;
import dev.longshore.cri.v1.RuntimeCondition;
import dev.longshore.cri.v1.RuntimeConfig;
import dev.longshore.cri.v1.RuntimeHandler;
import dev.longshore.cri.v1.StatusRequest;
import dev.longshore.cri.v1.StatusResponse;
import dev.longshore.cri.v1.UpdateRuntimeConfigRequest;
import dev.longshore.network.FakePodNetworks;
import dev.longshore.view.EngineHealth;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeStatusTest {
  private static final Deadline SOON = Deadline.in(Duration.ofSeconds(10));

  private final FakePodNetworks networks = new FakePodNetworks();
  private EngineHealth health = Nodes.ready(Nodes.engine("systemd"));

  @Test
  void bothConditionsHoldOnAHealthyNode() {
    assertThat(status(false).getStatus().getConditionsList())
        .extracting(RuntimeCondition::getType, RuntimeCondition::getStatus)
        .containsExactly(tuple("RuntimeReady", true), tuple("NetworkReady", true));
  }

  @Test
  void dockerAwayIsAFalseConditionWithItsReasonAndNoError() {
    health = Nodes.never();
    RuntimeCondition runtime = status(true).getStatus().getConditions(0);
    assertThat(runtime.getStatus()).isFalse();
    assertThat(runtime.getReason()).isEqualTo("DockerUnreachable");
    assertThat(runtime.getMessage()).contains("/var/run/docker.sock");
  }

  @Test
  void noNetworkConfigurationIsAFalseConditionWithItsReason() {
    networks.setNotReady("no configuration in /etc/cni/net.d");
    RuntimeCondition network = status(false).getStatus().getConditions(1);
    assertThat(network.getStatus()).isFalse();
    assertThat(network.getReason()).isEqualTo("NetworkPluginNotReady");
    assertThat(network.getMessage()).isEqualTo("no configuration in /etc/cni/net.d");
  }

  @Test
  void theHandlersAreDockersRuntimesTheDefaultAndItsAlias() {
    assertThat(status(false).getRuntimeHandlersList())
        .extracting(RuntimeHandler::getName)
        .containsExactly("", "crun", "docker", "runc");
    assertThat(status(false).getRuntimeHandlersList())
        .allSatisfy(handler -> assertThat(handler.hasFeatures()).isTrue());
    health = Nodes.never();
    assertThat(status(false).getRuntimeHandlersList())
        .extracting(RuntimeHandler::getName)
        .containsExactly("", "docker");
  }

  @Test
  void onlyAVerboseStatusCarriesInformation() {
    assertThat(status(false).getInfoMap()).isEmpty();
    assertThat(status(true).getInfoMap())
        .containsOnlyKeys("config", "docker", "cni", "events", "metrics", "pulls", "warnings");
  }

  @Test
  void pullsAreShownAsTheyStand() throws Exception {
    assertThat(json(status(true), "pulls").toString())
        .isEqualTo(
            "{\"underWay\":[{\"image\":\"a:1\",\"seconds\":7,\"words\":\"Downloading\","
                + "\"downloadedBytes\":5,\"totalBytes\":9}]}");
  }

  @Test
  void theInformationIsJson() throws Exception {
    StatusResponse status = status(true);
    assertThat(json(status, "config").get("sandboxImage").asText()).isEqualTo("pause:1");
    assertThat(json(status, "docker").get("version").asText()).isEqualTo("28.5.1");
    assertThat(json(status, "docker").get("apiVersion").asText()).isEqualTo("1.51");
    assertThat(json(status, "docker").get("storageDriver").asText()).isEqualTo("overlay2");
    assertThat(json(status, "cni").get("network").asText()).isEqualTo("fake");
    assertThat(json(status, "events").get("lastEvent").asText()).isEqualTo("2026-11-24T06:00:05Z");
    assertThat(json(status, "events").get("lagMillis").asInt()).isEqualTo(3);
    assertThat(json(status, "warnings").get("longshore").get(0).asText())
        .isEqualTo("ours \"quoted\"");
    assertThat(json(status, "warnings").get("docker").get(0).asText())
        .isEqualTo("WARNING: No swap limit support");
    assertThat(json(status, "warnings").get("cni")).isEmpty();
  }

  @Test
  void aVerboseStatusTellsWhereMetricsAre() throws Exception {
    assertThat(json(status(true), "metrics").get("url").asText())
        .isEqualTo("http://127.0.0.1:10011/metrics");
  }

  @Test
  void aPodCidrReachesTheNetworkAndAnEmptyRequestChangesNothing() {
    UpdateRuntimeConfig update = new UpdateRuntimeConfig(networks);
    var cidr = NetworkConfig.newBuilder().setPodCidr("10.9.0.0/24");
    var config = RuntimeConfig.newBuilder().setNetworkConfig(cidr);
    update.handle(UpdateRuntimeConfigRequest.newBuilder().setRuntimeConfig(config).build(), SOON);
    update.handle(UpdateRuntimeConfigRequest.getDefaultInstance(), SOON);
    assertThat(networks.podCidr()).isEqualTo("10.9.0.0/24");
  }

  private StatusResponse status(boolean verbose) {
    return new NodeStatus(
            () -> health,
            networks::status,
            () -> List.of("ours \"quoted\""),
            () -> List.of(new NodeStatus.Pull("a:1", 7, "Downloading", 5, 9)),
            () -> Map.of("sandboxImage", "pause:1"),
            () -> Optional.of("http://127.0.0.1:10011/metrics"))
        .status(StatusRequest.newBuilder().setVerbose(verbose).build());
  }

  private static JsonNode json(StatusResponse status, String topic) throws Exception {
    return new ObjectMapper().readTree(status.getInfoMap().get(topic));
  }
}
