package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The chart's README has a row for each value, with its default and what the schema says of it. */
class ChartReadmeTest {
  @Test
  void theTableIsThatOfTheValues() throws IOException {
    List<String> rows = new ArrayList<>();
    add("", Chart.yaml(Chart.FOLDER.resolve("values.yaml")), schema(), rows);
    List<String> table =
        Files.readAllLines(Chart.FOLDER.resolve("README.md")).stream()
            .filter(line -> line.startsWith("| `"))
            .toList();
    assertThat(String.join("\n", table)).isEqualTo(String.join("\n", rows));
  }

  private static JsonNode schema() throws IOException {
    return Chart.yaml(Chart.FOLDER.resolve("values.schema.json"));
  }

  private static void add(String prefix, JsonNode values, JsonNode schema, List<String> rows) {
    assertThat(values.fieldNames())
        .toIterable()
        .as("values under '%s'", prefix)
        .containsExactlyElementsOf(() -> schema.path("properties").fieldNames());
    values
        .properties()
        .forEach(
            value -> {
              String name = prefix + value.getKey();
              JsonNode described = schema.path("properties").path(value.getKey());
              if (described.has("description")) {
                rows.add(
                    "| `%s` | `%s` | %s |"
                        .formatted(name, value.getValue(), described.path("description").asText()));
              } else {
                add(name + ".", value.getValue(), described, rows);
              }
            });
  }
}
