package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.Deadline;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.DockerEngine;
import dev.longshore.docker.DockerEngineContractTest;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real gateway before a real Docker Engine: that of DOCKER_HOST, or the machine's own. */
final class JavaDockerEngineIT extends DockerEngineContractTest {
  private static final DockerHost HOST =
      DockerHost.parse(System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock"));
  private static final JavaDockerEngine ENGINE = new JavaDockerEngine(HOST);

  @BeforeAll
  static void loadImage() {
    TestImage.load(HOST);
  }

  @AfterAll
  static void removeImage() {
    ENGINE.removeImage(TestImage.NAME, true, Deadline.in(Duration.ofMinutes(1)));
    ENGINE.close();
  }

  @Override
  protected DockerEngine engine() {
    return ENGINE;
  }

  @Override
  protected String image() {
    return TestImage.NAME;
  }

  @Test
  void theVersionInUseIsOneTheDaemonSpeaks() {
    ApiVersion used =
        ApiVersion.parse(ENGINE.info(Deadline.in(Duration.ofMinutes(1))).apiVersion())
            .orElseThrow();

    assertThat(used).isBetween(ApiVersion.OLDEST, ApiVersion.NEWEST);
  }
}
