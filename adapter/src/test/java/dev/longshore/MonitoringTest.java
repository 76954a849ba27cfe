package dev.longshore;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.metrics.Scrape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The dashboard and the alerts ask for nothing that is not told. */
class MonitoringTest {
  private static final Path FOLDER = Path.of("..", "deploy", "monitoring");
  private static final Pattern NAME = Pattern.compile("\\b(longshore|process|jvm|kubelet)_[a-z_]+");

  @Test
  void everyMetricOfTheDashboardIsTold(@TempDir Path folder) throws IOException {
    JsonNode dashboard = new ObjectMapper().readTree(FOLDER.resolve("dashboard.json").toFile());
    List<String> expressions = new ArrayList<>();
    dashboard.findValuesAsText("expr", expressions);
    assertThat(expressions).hasSizeGreaterThan(20);
    assertThat(names(expressions)).isSubsetOf(told(folder));
    assertThat(expressions).allSatisfy(MonitoringTest::isWhole);
  }

  @Test
  void noPanelLiesOnAnother() throws IOException {
    JsonNode panels =
        new ObjectMapper().readTree(FOLDER.resolve("dashboard.json").toFile()).path("panels");
    Set<String> taken = new TreeSet<>();
    for (JsonNode panel : panels) {
      JsonNode at = panel.path("gridPos");
      for (int x = 0; x < at.path("w").asInt(); x++) {
        for (int y = 0; y < at.path("h").asInt(); y++) {
          String cell = (at.path("x").asInt() + x) + " " + (at.path("y").asInt() + y);
          assertThat(taken.add(cell)).as("%s at %s", panel.path("title"), cell).isTrue();
        }
      }
    }
  }

  @Test
  void everyMetricOfTheAlertsIsTold(@TempDir Path folder) throws IOException {
    List<Map<?, ?>> rules = rules();
    assertThat(rules).hasSizeGreaterThan(8);
    List<String> expressions =
        rules.stream().map(rule -> String.valueOf(rule.get("expr"))).toList();
    assertThat(names(expressions)).isSubsetOf(told(folder));
    assertThat(expressions).allSatisfy(MonitoringTest::isWhole);
  }

  @Test
  void everyAlertSaysWhatIsWrongAndHowBadThatIs() throws IOException {
    for (Map<?, ?> rule : rules()) {
      String alert = String.valueOf(rule.get("alert"));
      assertThat(alert).startsWith("Longshore");
      assertThat(String.valueOf(rule.get("labels")))
          .as(alert)
          .matches("\\{severity=(critical|warning)}");
      assertThat((Map<?, ?>) rule.get("annotations")).as(alert).hasSize(2);
      assertThat(String.valueOf(rule.get("annotations")))
          .as(alert)
          .contains("summary=", "description=", "$labels.instance");
    }
  }

  private static List<Map<?, ?>> rules() throws IOException {
    Object file =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(FOLDER.resolve("rules.yaml")));
    List<Map<?, ?>> rules = new ArrayList<>();
    for (Object group : list(file, "groups")) {
      for (Object rule : list(group, "rules")) {
        rules.add((Map<?, ?>) rule);
      }
    }
    return rules;
  }

  private static List<?> list(Object mapping, String key) {
    return (List<?>) requireNonNull(((Map<?, ?>) mapping).get(key), key);
  }

  private static Set<String> names(List<String> expressions) {
    return expressions.stream()
        .flatMap(text -> NAME.matcher(text).results().map(MatchResult::group))
        .map(name -> name.replaceFirst("_(bucket|count|sum)$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Its parentheses close, as far as that goes without Prometheus. */
  private static void isWhole(String expression) {
    String rest = expression.replaceAll("\"[^\"]*\"", "");
    String before;
    do {
      before = rest;
      rest = rest.replaceAll("\\([^()]*\\)|\\[[^\\[\\]]*]|\\{[^{}]*}", "");
    } while (!rest.equals(before));
    assertThat(rest).as(expression).doesNotContainPattern("[(){}\\[\\]]");
  }

  private static Set<String> told(Path folder) {
    try (FakeNode node = new FakeNode(folder)) {
      return Scrape.of(node.metrics()).heads().keySet();
    }
  }
}
