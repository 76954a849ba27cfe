package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CniArgsTest {
  private static PodNetworkRequest pod(String name) {
    return new PodNetworkRequest(
        FakePlugins.id('a'),
        "kube-system",
        name,
        "7c1e-u",
        List.of(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        List.of(),
        List.of(),
        List.of());
  }

  @Test
  void thePodIsNamedInContainerdsOrder() {
    assertThat(CniArgs.text(CniArgs.of(pod("web-0.a"))))
        .isEqualTo(
            "IgnoreUnknown=1;K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=web-0.a;"
                + "K8S_POD_INFRA_CONTAINER_ID="
                + "a".repeat(64)
                + ";K8S_POD_UID=7c1e-u");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a;IP=10.0.0.1", "a=b", "a\nb", "a\0b"})
  void aValueThatWouldBecomeAnotherArgumentIsRefused(String name) {
    assertThatThrownBy(() -> CniArgs.of(pod(name)))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("pod name");
  }
}
