package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.network.PodNetworkRequest.HostPort;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class CapabilityArgsTest {
  private static PodNetworkRequest request(
      List<HostPort> ports, OptionalLong ingress, OptionalLong egress, List<String> dns) {
    return new PodNetworkRequest(
        FakePlugins.id('a'), "ns", "pod", "uid", ports, ingress, egress, dns, dns, dns);
  }

  private static PodNetworkRequest plain() {
    return request(List.of(), OptionalLong.empty(), OptionalLong.empty(), List.of());
  }

  @Test
  void whatIsNotAskedForIsNotSent() {
    assertThat(Json.text(CapabilityArgs.of(plain(), List.of()))).isEqualTo("{}");
  }

  @Test
  void hostPortsBecomePortMappingsAndPortsWithoutHostPortDoNot() {
    var request =
        request(
            List.of(
                new HostPort(8080, 80, "TCP", "127.0.0.1"),
                new HostPort(0, 443, "tcp", ""),
                new HostPort(53, 5353, "udp", "")),
            OptionalLong.empty(),
            OptionalLong.empty(),
            List.of());
    assertThat(Json.text(CapabilityArgs.of(request, List.of())))
        .isEqualTo(
            """
            {"portMappings":[\
            {"hostPort":8080,"containerPort":80,"protocol":"tcp","hostIP":"127.0.0.1"},\
            {"hostPort":53,"containerPort":5353,"protocol":"udp","hostIP":""}]}\
            """);
  }

  @Test
  void aRateComesWithItsBurstAndTheOtherDirectionIsLeftFree() {
    var request = request(List.of(), OptionalLong.of(10_000_000), OptionalLong.empty(), List.of());
    assertThat(Json.text(CapabilityArgs.of(request, List.of())))
        .isEqualTo("{\"bandwidth\":{\"ingressRate\":10000000,\"ingressBurst\":2147483647}}");
  }

  @Test
  void eachPodCidrIsARangeSetOfItsOwn() {
    assertThat(Json.text(CapabilityArgs.of(plain(), List.of("10.1.0.0/24", "fd01::/64"))))
        .isEqualTo("{\"ipRanges\":[[{\"subnet\":\"10.1.0.0/24\"}],[{\"subnet\":\"fd01::/64\"}]]}");
  }

  @Test
  void dnsIsSentInTheConventionsNames() {
    var request = request(List.of(), OptionalLong.empty(), OptionalLong.empty(), List.of("x"));
    assertThat(Json.text(CapabilityArgs.of(request, List.of())))
        .isEqualTo("{\"dns\":{\"servers\":[\"x\"],\"searches\":[\"x\"],\"options\":[\"x\"]}}");
  }
}
