package dev.longshore.product;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The chart, rendered by Helm's own library. */
final class Chart {
  static final Path FOLDER = Path.of("..", "helm", "longshore");
  static final Path VALUE_SETS = Path.of("src", "test", "resources", "chart");

  private static final ObjectMapper JSON = new ObjectMapper();

  private Chart() {}

  /** The rendered objects; fails with Helm's message when the values are refused. */
  static List<JsonNode> render(Path values) {
    return documents(HelmProcess.template(FOLDER, values));
  }

  /** As the other, with one value changed. */
  static List<JsonNode> render(String key, Object value) {
    return documents(HelmProcess.template(FOLDER, key, value));
  }

  /** What Helm tells whoever installs the chart with these values. */
  static String notes(Path values) {
    return HelmProcess.notes(FOLDER, values);
  }

  /** A set of values by its name, one of {@link #VALUE_SETS}. */
  static Path values(String name) {
    return VALUE_SETS.resolve(name + ".yaml");
  }

  /** The pod of {@code helm test}, which as a hook is not among what Helm renders. */
  static List<JsonNode> renderTest() throws IOException {
    Path copy = Files.createTempDirectory("longshore-chart-");
    try (Stream<Path> files = Files.walk(FOLDER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(FOLDER.relativize(file));
        Files.createDirectories(target.getParent());
        Files.writeString(target, Files.readString(file).replace("helm.sh/hook:", "hook:"));
      }
      return documents(HelmProcess.template(copy));
    }
  }

  static JsonNode yaml(Path file) throws IOException {
    return JSON.valueToTree(
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
  }

  /** Every document of a text that has several. */
  static List<JsonNode> documents(String yaml) {
    List<JsonNode> documents = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      if (document != null) {
        documents.add(JSON.valueToTree(document));
      }
    }
    return documents;
  }
}
