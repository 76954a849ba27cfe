package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.javaclient.SocketDaemon.Answer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which API version is spoken with which daemon, and when that is agreed on. */
final class VersionNegotiationTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "1.40, 1.12, 1.40",
    "1.41, 1.12, 1.41",
    "1.44, 1.24, 1.44",
    "1.51, 1.24, 1.51",
    "1.52, 1.44, 1.51",
    "1.57, 1.44, 1.51",
    "1.60, 1.55, 1.55",
    "2.1, 1.44, 1.51"
  })
  void theNewestVersionThatBothSpeakIsUsed(String newest, String oldest, String used) {
    try (SocketDaemon daemon = SocketDaemon.start(folder, newest);
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      daemon.answers(
          request ->
              Answer.json(
                  200,
                  request.path().equals("/version")
                      ? "{\"MinAPIVersion\":\"" + oldest + "\"}"
                      : "{}"));

      assertThat(engine.info(soon()).apiVersion()).isEqualTo(used);
      assertThat(engine.info(soon()).maxApiVersion()).isEqualTo(newest);
      assertThat(daemon.lines()).contains("GET /v" + used + "/info");
    }
  }

  @Test
  void aDaemonThatDoesNotTellItsOldestIsSpokenToAllTheSame() {
    try (SocketDaemon daemon = SocketDaemon.start(folder, "1.57");
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      daemon.answers(Answer.json(200, "{}"));

      assertThat(engine.info(soon()).apiVersion()).isEqualTo("1.51");
    }
  }

  @ParameterizedTest
  @CsvSource({"1.39", "1.24", "0.9"})
  void aDaemonThatIsTooOldIsRefusedWithTheReason(String version) {
    try (SocketDaemon daemon = SocketDaemon.start(folder, version);
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      assertThatThrownBy(() -> engine.list("label", soon()))
          .isInstanceOfSatisfying(
              CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED))
          .hasMessageContaining("API " + version)
          .hasMessageContaining("1.40")
          .hasMessageContaining("19.03");
    }
  }

  @Test
  void whatHasNoVersionIsNotDocker() {
    try (SocketDaemon daemon = SocketDaemon.start(folder, "1.41");
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      daemon.pings(Answer.json(200, "OK"));

      assertThatThrownBy(() -> engine.list("label", soon()))
          .isInstanceOf(CriException.class)
          .hasMessageContaining("does not answer like Docker")
          .hasMessageContaining(folder.toString());
    }
  }

  @Test
  void theVersionIsAgreedOnOncePerConnection() {
    try (SocketDaemon daemon = SocketDaemon.start(folder, "1.41");
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      daemon.answers(Answer.json(200, "[]"));
      for (int i = 0; i < 5; i++) {
        assertThat(engine.list("label", soon())).isEmpty();
      }

      assertThat(daemon.lines()).filteredOn("GET /_ping"::equals).hasSize(1);
      assertThat(daemon.lines()).hasSize(6);
    }
  }

  @Test
  void anotherDaemonOnTheSameSocketIsAskedAnew() {
    try (JavaDockerEngine engine =
        new JavaDockerEngine(DockerHost.unix(folder.resolve("docker.sock")))) {
      try (SocketDaemon old = SocketDaemon.start(folder, "1.41")) {
        old.answers(Answer.json(200, "[]"));
        assertThat(engine.list("label", soon())).isEmpty();
      }
      assertThatThrownBy(() -> engine.images(soon())).isInstanceOf(CriException.class);

      try (SocketDaemon fresh = SocketDaemon.start(folder, "1.47")) {
        fresh.answers(Answer.json(200, "[]"));
        assertThat(engine.images(soon())).isEmpty();
        assertThat(fresh.lines()).containsExactly("GET /_ping", "GET /v1.47/images/json");
      }
    }
  }

  @Test
  void aDaemonThatSuddenlyRefusesTheVersionIsAskedAnew() {
    try (SocketDaemon daemon = SocketDaemon.start(folder, "1.47");
        JavaDockerEngine engine = new JavaDockerEngine(daemon.host())) {
      daemon.answers(
          request ->
              request.path().startsWith("/v1.47/")
                  ? Answer.json(400, "{\"message\":\"client version 1.47 is too new\"}")
                  : Answer.json(200, "[]"));
      assertThatThrownBy(() -> engine.images(soon())).hasMessageContaining("too new");
      daemon.pings(Answer.json(200, "OK").with("Api-Version", "1.41"));

      assertThat(engine.images(soon())).isEmpty();
    }
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(30));
  }
}
