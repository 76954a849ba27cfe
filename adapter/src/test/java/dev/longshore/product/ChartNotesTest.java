package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Helm tells after an install: words, and commands that fit the objects it made. */
class ChartNotesTest {
  static Stream<Path> valueSets() throws IOException {
    return ChartTest.valueSets().stream();
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void noTextOfATemplateIsLeft(Path values) {
    assertThat(Chart.notes(values))
        .startsWith("Longshore ")
        .doesNotContain("{{", "}}", "<no value>", "<nil>", "%!", "map[")
        .doesNotContainPattern("\\n\\n\\n|[ \\t]\\n|\\S  ");
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void theLabelOfANodeIsTheOneThatThePodsWaitFor(Path values) {
    Matcher label =
        Pattern.compile("kubectl label node NODE (\\S+)=(\\S*)\n").matcher(Chart.notes(values));
    assertThat(label.find()).isTrue();
    JsonNode selector = daemonSet(values).at("/spec/template/spec/nodeSelector");
    assertThat(selector.has(label.group(1))).as(label.group(1)).isTrue();
    assertThat(selector.path(label.group(1)).asText()).isEqualTo(label.group(2));
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void theLogsItPointsAtAreThoseOfTheContainerThatReports(Path values) {
    Matcher logs =
        Pattern.compile("kubectl -n (\\S+) logs -l (\\S+) -c (\\S+) --prefix\n")
            .matcher(Chart.notes(values));
    assertThat(logs.find()).isTrue();
    JsonNode set = daemonSet(values);
    assertThat(set.at("/metadata/namespace").asText()).isEqualTo(logs.group(1));
    assertLabels(set.at("/spec/template/metadata/labels"), logs.group(2));
    assertThat(set.at("/spec/template/spec/containers/0/name").asText()).isEqualTo(logs.group(3));
  }

  @Test
  void byDefaultNoKubeletIsToldAndDeletingChangesNoNode() {
    assertThat(notes("defaults"))
        .contains(
            "mode install",
            "kubectl label namespace longshore pod-security.kubernetes.io/enforce=privileged\n",
            "kubectl label node NODE longshore.dev/managed=true\n",
            "helm -n longshore test node\n",
            "Kubelets go on with the runtime they have",
            "Deleting this release changes no node.",
            "kubectl label node NODE longshore.dev/managed-\n",
            "--set 'cleanup.nodes={NODE}'")
        .doesNotContain("metrics", "kubectl -n longshore get jobs");
  }

  @Test
  void theSettingsItNamesTakeANodeAwayAndEmptyTheListAgain() {
    assertThat(jobs(Chart.render("cleanup.nodes[0]", "NODE"))).hasSize(1);
    assertThat(notes("cleanup")).contains("upgrade node CHART --reuse-values --set cleanup.nodes=");
    assertThat(jobs(Chart.render("cleanup.nodes", "null"))).isEmpty();
  }

  @Test
  void aCleanupNamesItsNodesAndWhereItsJobsAre() {
    String notes = notes("cleanup");
    assertThat(notes)
        .contains(
            "Nothing is installed in this mode",
            "off each of node-1, node-2.example, settings and records of pods too;",
            "fails where a kubelet still uses Longshore",
            "--set cleanup.nodes=null\n")
        .doesNotContain("cleanup.nodes={NODE}", "serves unix:///run/longshore.sock");
    Matcher selector = Pattern.compile("get jobs -l (\\S+)\n").matcher(notes);
    assertThat(selector.find()).isTrue();
    for (JsonNode job : jobs(Chart.render(Chart.values("cleanup")))) {
      assertLabels(job.at("/metadata/labels"), selector.group(1));
    }
  }

  @Test
  void metricsThatAnybodyMayReadAreSaidToBeSo() {
    assertThat(notes("monitored")).contains("by plain HTTP on 0.0.0.0:9900, to whoever reaches");
  }

  @Test
  void whatIsNotStartedIsStartedByHand() {
    assertThat(notes("not-started"))
        .contains("systemctl enable --now longshore.socket longshore.service\n")
        .doesNotContain("serves unix:///run/longshore.sock");
  }

  private static String notes(String values) {
    return Chart.notes(Chart.values(values));
  }

  private static JsonNode daemonSet(Path values) {
    return Chart.render(values).stream()
        .filter(object -> object.path("kind").asText().equals("DaemonSet"))
        .findFirst()
        .orElseThrow();
  }

  private static List<JsonNode> jobs(List<JsonNode> objects) {
    return objects.stream().filter(object -> object.path("kind").asText().equals("Job")).toList();
  }

  private static void assertLabels(JsonNode labels, String selector) {
    for (String label : selector.split(",", -1)) {
      String[] pair = label.split("=", 2);
      assertThat(labels.path(pair[0]).asText()).as(pair[0]).isEqualTo(pair[1]);
    }
  }
}
