package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.cri.v1.StatusRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A configuration that changes while the server process runs, and what it then tells of itself. */
@Timeout(120)
class ReloadIT {
  @TempDir private Path folder;

  @Test
  void aHangUpReadsTheConfigurationAnewAndTheServerServesOn() throws Exception {
    Path config = folder.resolve("config.yaml");
    Files.writeString(config, "logLevel: info\n");
    try (TestNode node = new TestNode(DockerApi.ofMachine())) {
      Process server = node.launch("--config=" + config);
      node.awaitReady();
      Files.writeString(config, "logLevel: debug\nlogFormat: json\n");
      hangUp(server);
      TestNode.await("the reload", () -> node.log().contains("logLevel is now \"debug\""));
      assertThat(node.isReady()).isTrue();
      TestNode.await("a line of JSON", () -> node.log().contains("{\"time\":") && server.isAlive());

      Files.writeString(config, "logLevel: loud\n");
      hangUp(server);
      TestNode.await("the refusal", () -> node.log().contains("config.yaml:1: logLevel must be"));
      assertThat(node.isReady()).isTrue();
    }
  }

  @Test
  void theStatusSaysWhereMetricsAreAndTheyAreThere() throws Exception {
    try (TestNode node = new TestNode(DockerApi.ofMachine()).start();
        HttpClient client = HttpClient.newHttpClient()) {
      StatusRequest verbose = StatusRequest.newBuilder().setVerbose(true).build();
      String told = node.runtime().status(verbose).getInfoOrThrow("metrics");
      URI url = URI.create(told.replaceAll(".*\"(http[^\"]*)\".*", "$1"));
      assertThat(get(client, url)).contains("longshore_docker_ready 1\n");
      assertThat(get(client, url.resolve("/readyz"))).endsWith("ok\n");
    }
  }

  private static void hangUp(Process server) throws IOException, InterruptedException {
    String pid = Long.toString(server.pid());
    assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
  }

  private static String get(HttpClient client, URI url) throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
  }
}
