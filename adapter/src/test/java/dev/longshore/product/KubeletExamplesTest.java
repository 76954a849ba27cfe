package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.config.Flag;
import dev.longshore.config.OptionsParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples for kubelet and kubeadm in {@code deploy/kubelet}. */
class KubeletExamplesTest {
  private static final Path FOLDER = Path.of("..", "deploy", "kubelet");
  private static final Pattern SOCKET = Pattern.compile("unix://[a-z0-9./_-]+");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList();
    }
  }

  static List<Path> yamlFiles() throws IOException {
    return files().stream().filter(file -> file.toString().endsWith(".yaml")).toList();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everySocketIsTheOneThatIsServed(Path file) throws IOException {
    List<String> sockets = new ArrayList<>();
    Matcher socket = SOCKET.matcher(Files.readString(file));
    while (socket.find()) {
      sockets.add(socket.group());
    }
    assertThat(sockets).isNotEmpty().containsOnly(served());
  }

  @ParameterizedTest
  @MethodSource("yamlFiles")
  void everyDocumentSaysItWhereItsKindHasIt(Path file) throws IOException {
    List<String> said = new ArrayList<>();
    for (JsonNode document : Chart.documents(Files.readString(file))) {
      String pointer =
          switch (document.path("kind").asText()) {
            case "KubeletConfiguration" -> "/containerRuntimeEndpoint";
            case "InitConfiguration", "JoinConfiguration" -> "/nodeRegistration/criSocket";
            default -> throw new AssertionError("kind of " + document);
          };
      assertThat(document.path("apiVersion").asText()).isIn(versions(file, document));
      if (!document.at(pointer).isMissingNode()) {
        said.add(document.at(pointer).asText());
      }
    }
    assertThat(said).containsExactly(served());
  }

  @Test
  void theirPageNamesThemAll() throws IOException {
    String page = Files.readString(FOLDER.resolve("README.md"));
    for (Path file : files()) {
      String name = file.getFileName().toString();
      assertThat(page).contains(name.equals("README.md") ? "# The kubelet" : "(" + name + ")");
    }
  }

  private static List<String> versions(Path file, JsonNode document) {
    Matcher version = Pattern.compile("v1beta[0-9]+").matcher(file.getFileName().toString());
    return version.find() && !document.path("kind").asText().startsWith("Kubelet")
        ? List.of("kubeadm.k8s.io/" + version.group())
        : List.of("kubelet.config.k8s.io/v1beta1");
  }

  private static String served() {
    return OptionsParser.flags().stream()
        .filter(flag -> flag.key().equals("containerRuntimeEndpoint"))
        .map(Flag::fallback)
        .findFirst()
        .orElseThrow();
  }
}
