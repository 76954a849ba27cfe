package dev.longshore.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.config.Flag;
import dev.longshore.config.OptionsParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {
  static List<Path> valueSets() throws IOException {
    try (Stream<Path> files = Files.list(Chart.VALUE_SETS)) {
      return files.sorted().toList();
    }
  }

  @Test
  void lintFindsNothing() {
    assertThat(HelmProcess.lint(Chart.FOLDER)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void everyObjectIsOneThatKubernetesKnows(Path values) throws IOException {
    List<JsonNode> objects = Chart.render(values);
    assertThat(objects).isNotEmpty();
    for (JsonNode object : objects) {
      KubernetesTypes.check(object);
    }
  }

  @Test
  void anUnknownAndAMissingFieldAreFound() {
    ObjectNode unknown = (ObjectNode) only("DaemonSet", Chart.render(Chart.values("defaults")));
    ((ObjectNode) podSpec(unknown)).put("nodeSelectors", "x");
    assertThatThrownBy(() -> KubernetesTypes.check(unknown)).hasMessageContaining("nodeSelectors");
    ObjectNode missing = (ObjectNode) only("DaemonSet", Chart.render(Chart.values("defaults")));
    ((ObjectNode) missing.get("spec")).remove("selector");
    assertThatThrownBy(() -> KubernetesTypes.check(missing)).hasMessageContaining("selector");
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void noPodIsPrivilegedHasATokenOrUndoesItsWorkWhenItEnds(Path values) {
    for (JsonNode object : Chart.render(values)) {
      assertThat(object.findValues("lifecycle")).as("lifecycle hooks").isEmpty();
      for (JsonNode spec : podSpecs(object)) {
        assertThat(spec.path("automountServiceAccountToken").asText()).isEqualTo("false");
        for (JsonNode container : containers(spec)) {
          JsonNode security = container.path("securityContext");
          assertThat(security.path("privileged").asText()).isEqualTo("false");
          assertThat(security.path("readOnlyRootFilesystem").asText()).isEqualTo("true");
          assertThat(security.at("/capabilities/drop").toString()).isEqualTo("[\"ALL\"]");
        }
      }
    }
  }

  @Test
  void noRoleIsAskedFor() {
    assertThat(Chart.render(Chart.values("defaults")).stream().map(o -> o.path("kind").asText()))
        .containsExactlyInAnyOrder("ServiceAccount", "DaemonSet");
  }

  @Test
  void helmTestAsksOneNodeHowItStands() throws IOException {
    JsonNode pod = only("Pod", Chart.renderTest());
    KubernetesTypes.check(pod);
    assertThat(pod.at("/spec/containers/0/args").toString()).contains("status", "--expect=serving");
    assertThat(pod.at("/spec/containers/0/securityContext/capabilities").has("add")).isFalse();
  }

  @Test
  void aNodeOptsInByItsLabelAndTheRolloutIsPaced() {
    JsonNode set = only("DaemonSet", Chart.render(Chart.values("defaults")));
    assertThat(podSpec(set).at("/nodeSelector/longshore.dev~1managed").asText()).isEqualTo("true");
    assertThat(podSpec(set).path("priorityClassName").asText()).isEqualTo("system-node-critical");
    assertThat(set.at("/spec/updateStrategy/rollingUpdate/maxUnavailable").asInt()).isEqualTo(1);
    assertThat(set.at("/spec/minReadySeconds").asInt()).isEqualTo(30);
  }

  @Test
  void onlyTheContainerThatInstallsChangesTheHost() {
    JsonNode spec = podSpec(only("DaemonSet", Chart.render(Chart.values("defaults"))));
    JsonNode install = spec.path("initContainers").path(0);
    assertThat(install.path("name").asText()).isEqualTo("install");
    assertThat(install.path("args").toString()).contains("install", "--start", "--config=none");
    assertThat(install.at("/securityContext/capabilities/add").size()).isEqualTo(4);
    JsonNode report = spec.path("containers").path(0);
    assertThat(report.at("/securityContext/capabilities").has("add")).isFalse();
    assertThat(report.at("/volumeMounts/0/readOnly").asBoolean()).isTrue();
  }

  @Test
  void observingInstallsNothing() {
    JsonNode spec = podSpec(only("DaemonSet", Chart.render(Chart.values("observe"))));
    assertThat(spec.has("initContainers")).isFalse();
    assertThat(containers(spec)).noneMatch(c -> c.has("readinessProbe"));
  }

  @Test
  void settingsReachTheInstallerAndAChangeOfThemThePods() {
    List<JsonNode> objects = Chart.render(Chart.values("read-only-usr"));
    assertThat(only("ConfigMap", objects).at("/data/config.yaml").asText())
        .contains("dockerMaxCalls: 8", "logLevel: debug");
    assertThat(podSpec(only("DaemonSet", objects)).at("/initContainers/0/args").toString())
        .contains("--config=/config/config.yaml");
    assertThat(checksum(objects)).isNotEqualTo(checksum(Chart.render(Chart.values("defaults"))));
  }

  @Test
  void whatReadsMetricsFindsThemOnTheNodesAddresses() {
    List<JsonNode> objects = Chart.render(Chart.values("monitored"));
    assertThat(only("DaemonSet", objects).at("/spec/template/spec/containers/0/ports").toString())
        .contains("9900");
    assertThat(all("ConfigMap", objects).stream().map(o -> o.at("/data/config.yaml").asText()))
        .anyMatch(settings -> settings.endsWith("metricsBindAddr: 0.0.0.0:9900\n"));
    assertThat(only("PrometheusRule", objects).at("/spec/groups")).isNotEmpty();
    assertThat(all("ConfigMap", objects).stream().map(o -> o.at("/data/longshore.json").asText()))
        .anyMatch(json -> json.contains("\"panels\""));
  }

  @Test
  void cleaningUpIsAJobForEachNodeThatIsNamedAndNoLongerLabelled() {
    List<JsonNode> jobs = all("Job", Chart.render(Chart.values("cleanup")));
    assertThat(jobs).hasSize(2);
    for (JsonNode job : jobs) {
      JsonNode spec = podSpec(job);
      assertThat(spec.at("/containers/0/args").toString())
          .contains("uninstall", "--purge")
          .doesNotContain("--force");
      assertThat(spec.path("affinity").toString()).contains("NotIn", "longshore.dev/managed");
      assertThat(job.at("/spec/backoffLimit").asInt()).isZero();
    }
    assertThat(all("Job", Chart.render(Chart.values("defaults")))).isEmpty();
  }

  @Test
  void aJobIsNeverChangedByAnUpgradeSinceItCannotBe(@TempDir Path folder) throws IOException {
    String nodes = "cleanup: {nodes: [node-1]}\n";
    String once = cleanupOf(folder, nodes);
    assertThat(cleanupOf(folder, nodes)).isEqualTo(once);
    assertThat(cleanupOf(folder, nodes + "image: {tag: next}\n")).isNotEqualTo(once);
    assertThat(cleanupOf(folder, "cleanup: {nodes: [node-1], purge: true}\n")).isNotEqualTo(once);
  }

  @ParameterizedTest
  @CsvSource({
    "mode, remove, install",
    "takeover, true, false",
    "privileged, true, privileged",
    "config.logLvel, debug, logLvel",
    "rollout.maxUnavailable, 0, maxUnavailable",
    "rollout.soak, 5, soak",
    "metrics.port, 0, port",
    "metrics.serviceMonitor.interval, soon, interval",
    "image.digest, latest, sha256",
    "start, perhaps, boolean",
    "host.unitDir, etc, unitDir",
    "tolerations[0].operators, Exists, operators",
    "resources.install.limits.memory, much, memory",
    "cleanup.force, true, force",
  })
  void theSchemaRefusesAValueByItsName(String key, String value, String named) {
    assertThatThrownBy(() -> Chart.render(key, value))
        .hasMessageContaining("values don't meet the specifications of the schema")
        .hasMessageContaining(key.replaceAll("[.\\[].*", ""))
        .hasMessageContaining(named);
  }

  @Test
  void theSchemaKnowsTheKeysOfTheServerAndNoOthers() throws IOException {
    JsonNode keys = schema().at("/properties/config/properties");
    assertThat(keys.fieldNames())
        .toIterable()
        .as("properties of config in helm/longshore/values.schema.json")
        .containsExactlyInAnyOrderElementsOf(
            OptionsParser.flags().stream()
                .map(Flag::key)
                .filter(key -> !key.equals("config"))
                .toList());
  }

  @Test
  void noObjectOfTheSchemaTakesUnknownKeysUnlessTheUserNamesThem() throws IOException {
    List<JsonNode> open = new ArrayList<>();
    for (JsonNode object : schema().findParents("properties")) {
      if (!object.path("additionalProperties").isBoolean()
          || object.path("additionalProperties").asBoolean()) {
        open.add(object);
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void theChartInstallsTheVersionItIsBuiltWith() throws IOException {
    String pom = Files.readString(Path.of("..", "pom.xml"));
    String version = Chart.yaml(Chart.FOLDER.resolve("Chart.yaml")).path("appVersion").asText();
    assertThat(pom).contains("<artifactId>longshore-parent</artifactId>\n  <version>" + version);
  }

  private static JsonNode schema() throws IOException {
    return Chart.yaml(Chart.FOLDER.resolve("values.schema.json"));
  }

  private static String cleanupOf(Path folder, String values) throws IOException {
    Path file = Files.writeString(folder.resolve("values.yaml"), values);
    return only("Job", Chart.render(file)).at("/metadata/name").asText();
  }

  private static String checksum(List<JsonNode> objects) {
    return only("DaemonSet", objects)
        .at("/spec/template/metadata/annotations/checksum~1config")
        .asText();
  }

  private static List<JsonNode> all(String kind, List<JsonNode> objects) {
    return objects.stream().filter(o -> o.path("kind").asText().equals(kind)).toList();
  }

  private static JsonNode only(String kind, List<JsonNode> objects) {
    List<JsonNode> found = all(kind, objects);
    assertThat(found).as(kind).hasSize(1);
    return found.getFirst();
  }

  private static JsonNode podSpec(JsonNode object) {
    return object.at("/spec/template/spec");
  }

  private static List<JsonNode> podSpecs(JsonNode object) {
    return switch (object.path("kind").asText()) {
      case "Pod" -> List.of(object.path("spec"));
      case "DaemonSet", "Job" -> List.of(podSpec(object));
      default -> List.of();
    };
  }

  private static List<JsonNode> containers(JsonNode spec) {
    List<JsonNode> containers = new ArrayList<>();
    spec.path("initContainers").forEach(containers::add);
    spec.path("containers").forEach(containers::add);
    return containers;
  }
}
