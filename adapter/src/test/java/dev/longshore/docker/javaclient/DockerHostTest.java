package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DockerHostTest {
  @Test
  void aSocketIsReadWithItsPath() {
    assertThat(DockerHost.parse("unix:///var/run/docker.sock").socket())
        .contains(Path.of("/var/run/docker.sock"));
    assertThat(DockerHost.unix(Path.of("/a b/100%.sock")).socket())
        .contains(Path.of("/a b/100%.sock"));
    assertThat(DockerHost.unix(Path.of("/run/docker.sock")))
        .hasToString("unix:///run/docker.sock")
        .isEqualTo(DockerHost.parse("unix:///run/docker.sock"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"tcp://127.0.0.1:2375", "tcp://localhost:2375", "tcp://[::1]:2375"})
  void tcpIsTakenOnThisMachine(String text) {
    assertThat(DockerHost.parse(text).socket()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/var/run/docker.sock",
        "unix://",
        "unix://run/docker.sock",
        "unix:run/docker.sock",
        "tcp://127.0.0.1",
        "tcp://10.0.0.1:2375",
        "tcp://example.org:2376",
        "ssh://me@host",
        "npipe:////./pipe/docker",
        "fd://",
        "http://127.0.0.1:1",
        "unix:// /x"
      })
  void anythingElseIsRefusedWithWhatWouldDo(String text) {
    assertThatThrownBy(() -> DockerHost.parse(text))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("\"" + text + "\"")
        .hasMessageContaining("unix:///var/run/docker.sock");
  }
}
