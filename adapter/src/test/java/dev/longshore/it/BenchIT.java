package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code longshore bench} as a process of its own, with real pods. */
@Timeout(180)
class BenchIT {
  @Test
  void aServerIsMeasuredBesideABareClientAndNothingIsLeft() throws Exception {
    try (TestNode node = new TestNode(DockerApi.ofMachine()).start()) {
      List<String> before = benchPods(node.docker());
      JsonNode servers =
          bench(
              "--pods=5",
              "--containers=1",
              "--rounds=50",
              "--execs=4",
              "--idle=1",
              "--json",
              "--endpoint=unix://" + node.socket(),
              "--image=" + TestNode.BUSYBOX,
              "--baseline",
              "--docker-endpoint=unix://" + node.docker().socket(),
              "--cni-conf-dir=" + node.cniConfDir());
      assertThat(servers).hasSize(2);
      for (JsonNode server : servers) {
        assertThat(server.at("/milliseconds/pod: run, create, start/count").asInt())
            .as(server.path("endpoint").asText())
            .isEqualTo(5);
      }
      assertThat(servers.at("/1/milliseconds/ListContainers/count").asInt()).isPositive();
      assertThat(benchPods(node.docker())).isEqualTo(before);
      node.assertNothingLeft();
    }
  }

  private static JsonNode bench(String... flags) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "longshore.jar").toString(),
                "bench"));
    command.addAll(List.of(flags));
    Process bench =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String report = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bench.waitFor()).as(report).isZero();
    return new ObjectMapper().readTree(report).path("servers");
  }

  private static List<String> benchPods(DockerApi docker) throws IOException {
    List<String> names = new ArrayList<>();
    docker
        .get("/containers/json?all=1")
        .forEach(container -> names.add(container.path("Names").toString()));
    return names.stream().filter(name -> name.contains("_bench-")).sorted().toList();
  }
}
