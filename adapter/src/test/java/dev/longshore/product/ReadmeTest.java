package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands of the README files: each is run by a test, or by continuous integration. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Path TABLE = Path.of("src", "test", "resources", "product", "commands.tsv");
  private static final List<String> READMES =
      List.of("README.md", "deploy/kubelet/README.md", "helm/longshore/README.md");

  /** What of a sentence is a command: code of a program with arguments, or of a script of ours. */
  private static final Pattern COMMAND =
      Pattern.compile(
          "`(?:sudo )?((?:(?:longshore|systemctl|journalctl|crictl|curl|kubectl|kubeadm|helm|docker"
              + "|rpm|dpkg|tar|--set) |deploy/\\w+(?=[` ])|/\\S+/bin/longshore )[^`]*)`");

  /**
   * Where a command is run.
   *
   * @param file that runs it, from the root; "-" where nothing can
   * @param words of that file that do, or the reason
   */
  record Row(String command, String file, String words) {}

  @ParameterizedTest
  @MethodSource("readmes")
  void everyCommandIsRun(String readme) throws IOException {
    assertThat(commands(readme))
        .isNotEmpty()
        .as(
            "commands of %s that nothing runs: let a test run them, and name it in %s",
            readme, TABLE)
        .isSubsetOf(rows().stream().map(Row::command).toList());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void whatRunsACommandDoesSo(Row row) throws IOException {
    if (row.file().equals("-")) {
      assertThat(row.words()).startsWith("needs ");
      return;
    }
    assertThat(Files.readString(ROOT.resolve(row.file())).contains(row.words()))
        .as("%s has the words that run '%s': %s", row.file(), row.command(), row.words())
        .isTrue();
    boolean isTest = row.file().matches("adapter/src/test/java/.*(Test|IT)\\.java");
    assertThat(isTest || row.file().equals(".ci/run") || integration().contains(row.file()))
        .as("%s is run by .ci/run", row.file())
        .isTrue();
  }

  @Test
  void noRowIsOfACommandThatNoReadmeHas() throws IOException {
    Set<String> all = new TreeSet<>();
    for (String readme : READMES) {
      all.addAll(commands(readme));
    }
    assertThat(rows().stream().map(Row::command)).doesNotHaveDuplicates().isSubsetOf(all);
  }

  @Test
  void theCommandsOfTheChartAreThoseOfTheChart() throws IOException {
    JsonNode label = Chart.yaml(Chart.FOLDER.resolve("values.yaml")).path("nodeLabel");
    String commands =
        String.join(
            "\n",
            "```",
            "docker load -i longshore-*-image-amd64.tar.gz",
            "kubectl create namespace longshore",
            "kubectl label namespace longshore pod-security.kubernetes.io/enforce=privileged",
            "helm install longshore helm/longshore --namespace longshore",
            "kubectl label node NODE %s=%s"
                .formatted(label.path("key").asText(), label.path("value").asText()),
            "```");
    assertThat(Files.readString(ROOT.resolve("README.md"))).contains(commands);
    assertThat(Files.readString(Chart.FOLDER.resolve("README.md"))).contains(commands);
    assertThat(Files.readString(ROOT.resolve("deploy/lib/make-image")))
        .contains("longshore-$VERSION-image-$ARCH.tar.gz");
  }

  static List<String> readmes() {
    return READMES;
  }

  static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      if (!line.startsWith("#")) {
        String[] cells = line.split("\t", -1);
        rows.add(new Row(cells[0], cells[1], cells[2]));
      }
    }
    return rows;
  }

  private static String integration() throws IOException {
    return Files.readString(ROOT.resolve(".ci/run"));
  }

  /** Those of its fences, and those in its sentences. */
  private static Set<String> commands(String readme) throws IOException {
    Set<String> commands = new LinkedHashSet<>();
    boolean inside = false;
    for (String line : Files.readAllLines(ROOT.resolve(readme))) {
      if (line.equals("```")) {
        inside = !inside;
      } else if (inside) {
        commands.add(line.replaceFirst("^sudo ", ""));
      } else {
        COMMAND.matcher(line).results().forEach(found -> commands.add(found.group(1).strip()));
      }
    }
    return commands;
  }
}
