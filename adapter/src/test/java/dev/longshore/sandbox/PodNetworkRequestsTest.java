package dev.longshore.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.DNSConfig;
import dev.longshore.cri.v1.PodSandboxConfig;
import dev.longshore.cri.v1.Protocol;
import dev.longshore.docker.KubeName;
import dev.longshore.network.PodNetworkRequest;
import dev.longshore.network.PodNetworkRequest.HostPort;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodNetworkRequestsTest {
  private static final ContainerId ID = new ContainerId("ab".repeat(32));
  private static final KubeName NAME = KubeName.sandbox("web-0", "default", "7c1e", 0);

  @Test
  void aPodIsNamedAndAsksForNothingMore() {
    PodNetworkRequest request = request(c -> {});
    assertThat(request.sandboxId()).isEqualTo(ID);
    assertThat(request.namespace()).isEqualTo("default");
    assertThat(request.podName()).isEqualTo("web-0");
    assertThat(request.podUid()).isEqualTo("7c1e");
    assertThat(request.hostPorts()).isEmpty();
    assertThat(request.ingressBitsPerSecond()).isEmpty();
    assertThat(request.egressBitsPerSecond()).isEmpty();
  }

  @Test
  void onlyPortsWithAHostPortAreLedThrough() {
    PodNetworkRequest request =
        request(
            c -> {
              c.addPortMappingsBuilder().setContainerPort(80);
              c.addPortMappingsBuilder().setContainerPort(80).setHostPort(8080);
              c.addPortMappingsBuilder()
                  .setProtocol(Protocol.UDP)
                  .setContainerPort(53)
                  .setHostPort(5353)
                  .setHostIp("127.0.0.1");
              c.addPortMappingsBuilder()
                  .setProtocol(Protocol.SCTP)
                  .setContainerPort(65_535)
                  .setHostPort(1);
            });
    assertThat(request.hostPorts())
        .containsExactly(
            new HostPort(8080, 80, "tcp", ""),
            new HostPort(5353, 53, "udp", "127.0.0.1"),
            new HostPort(1, 65_535, "sctp", ""));
  }

  @ParameterizedTest
  @CsvSource({"70000,80,host_port is 70000", "-1,80,host_port is -1", "80,0,container_port is 0"})
  void portsThatAreNoneAreRefused(int hostPort, int containerPort, String message) {
    assertInvalid(
        c -> c.addPortMappingsBuilder().setHostPort(hostPort).setContainerPort(containerPort),
        message);
  }

  @Test
  void anUnknownProtocolIsRefused() {
    assertInvalid(
        c -> c.addPortMappingsBuilder().setHostPort(1).setContainerPort(1).setProtocolValue(7),
        "protocol is 7");
  }

  @Test
  void dnsIsPassedOnForPluginsThatWantIt() {
    PodNetworkRequest request =
        request(
            c ->
                c.setDnsConfig(
                    DNSConfig.newBuilder().addServers("1.1.1.1").addSearches("x").addOptions("y")));
    assertThat(request.dnsServers()).containsExactly("1.1.1.1");
    assertThat(request.dnsSearches()).containsExactly("x");
    assertThat(request.dnsOptions()).containsExactly("y");
  }

  @ParameterizedTest
  @CsvSource({
    "1k,1000",
    "1000,1000",
    "10M,10000000",
    "1.5M,1500000",
    "1Mi,1048576",
    "1e6,1000000",
    "1E3,1000",
    "1P,1000000000000000",
    "1000500m,1001",
    ".5G,500000000",
    "+2T,2000000000000"
  })
  void bandwidthIsAQuantityOfBitsPerSecond(String text, long bits) {
    PodNetworkRequest request =
        request(
            c ->
                c.putAnnotations("kubernetes.io/ingress-bandwidth", text)
                    .putAnnotations("kubernetes.io/egress-bandwidth", "2k"));
    assertThat(request.ingressBitsPerSecond()).hasValue(bits);
    assertThat(request.egressBitsPerSecond()).hasValue(2000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "fast", "10MB", "-1M", "999", "1001T", "1Ei", "1e99", "1e", "0x10", "10 M", "1K"
      })
  void anythingElseIsRefusedWithTheAnnotationsName(String text) {
    assertInvalid(
        c -> c.putAnnotations("kubernetes.io/egress-bandwidth", text),
        "annotation kubernetes.io/egress-bandwidth: \"" + text + "\"");
  }

  private static void assertInvalid(Consumer<PodSandboxConfig.Builder> given, String message) {
    PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder();
    given.accept(config);
    assertThatThrownBy(() -> PodNetworkRequests.check(config.build()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(message);
  }

  private static PodNetworkRequest request(Consumer<PodSandboxConfig.Builder> given) {
    PodSandboxConfig.Builder config = PodSandboxConfig.newBuilder();
    given.accept(config);
    return PodNetworkRequests.from(ID, NAME, config.build());
  }
}
