package dev.longshore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.cri.v1.CgroupDriver;
import dev.longshore.cri.v1.VersionResponse;
import dev.longshore.view.EngineHealth;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class NodeQueriesTest {
  @Test
  void theVersionIsDockersAndStaysWhenDockerGoesAway() {
    VersionResponse expected =
        VersionResponse.newBuilder()
            .setVersion("0.1.0")
            .setRuntimeName("docker")
            .setRuntimeVersion("28.5.1")
            .setRuntimeApiVersion("v1")
            .build();
    assertThat(node(Nodes.ready(Nodes.engine("systemd"))).version()).isEqualTo(expected);
    assertThat(node(Nodes.lost(Nodes.engine("systemd"))).version()).isEqualTo(expected);
  }

  @Test
  void theCgroupDriverIsDockers() {
    assertThat(driver("systemd")).isEqualTo(CgroupDriver.SYSTEMD);
    assertThat(driver("cgroupfs")).isEqualTo(CgroupDriver.CGROUPFS);
  }

  @Test
  void anUnknownCgroupDriverIsNoAnswer() {
    assertUnavailable(() -> driver("none"), "\"none\"");
  }

  @Test
  void beforeTheFirstContactBothAreUnavailableWithTheReason() {
    NodeQueries node = node(Nodes.never());
    assertUnavailable(node::version, "nobody listens on /var/run/docker.sock");
    assertUnavailable(node::runtimeConfig, "nobody listens on /var/run/docker.sock");
  }

  private static CgroupDriver driver(String name) {
    return node(Nodes.ready(Nodes.engine(name))).runtimeConfig().getLinux().getCgroupDriver();
  }

  private static NodeQueries node(EngineHealth health) {
    return new NodeQueries(() -> health);
  }

  private static void assertUnavailable(ThrowingCallable call, String reason) {
    assertThatThrownBy(call)
        .hasMessageContaining(reason)
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }
}
