package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's commands: each is run by what continuous integration runs, or checked here. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  /**
   * Commands of one fence.
   *
   * @param introduction the line of text before them
   */
  record Block(String introduction, List<String> commands) {}

  @Test
  void everyCommandIsRun() throws IOException {
    String integration = Files.readString(ROOT.resolve(".ci/run"));
    String packages = Files.readString(ROOT.resolve("deploy/test-packages"));
    for (Block block : blocks()) {
      String words = block.introduction().replaceAll("[^A-Za-z ].*| \\(.*", "");
      boolean inPackages = !words.isEmpty() && packages.contains("_as_in_readme '" + words);
      boolean isChart = block.introduction().startsWith("By [chart]");
      for (String command : block.commands()) {
        assertThat(inPackages || isChart || integration.contains(command.replace("sudo ", "")))
            .as("'%s' is run by .ci/run, or by deploy/test-packages after '%s'", command, words)
            .isTrue();
      }
    }
  }

  @Test
  void theCommandsOfTheChartAreThoseOfTheChart() throws IOException {
    JsonNode label = Chart.yaml(Chart.FOLDER.resolve("values.yaml")).path("nodeLabel");
    List<String> commands =
        blocks().stream()
            .filter(block -> block.introduction().startsWith("By [chart]"))
            .findFirst()
            .orElseThrow()
            .commands();
    assertThat(commands)
        .containsExactly(
            "docker load -i longshore-*-image-amd64.tar.gz",
            "kubectl create namespace longshore",
            "kubectl label namespace longshore pod-security.kubernetes.io/enforce=privileged",
            "helm install longshore helm/longshore --namespace longshore",
            "kubectl label node NODE %s=%s"
                .formatted(label.path("key").asText(), label.path("value").asText()));
    assertThat(Files.readString(Chart.FOLDER.resolve("README.md")))
        .contains(String.join("\n", commands));
    assertThat(Files.readString(ROOT.resolve("deploy/lib/make-image")))
        .contains("longshore-$VERSION-image-$ARCH.tar.gz");
  }

  private static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    String introduction = "";
    List<String> commands = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(ROOT.resolve("README.md"))) {
      if (line.equals("```")) {
        if (inside) {
          blocks.add(new Block(introduction, List.copyOf(commands)));
          commands.clear();
        }
        inside = !inside;
      } else if (inside) {
        commands.add(line);
      } else if (!line.isBlank()) {
        introduction = line;
      }
    }
    return blocks;
  }
}
