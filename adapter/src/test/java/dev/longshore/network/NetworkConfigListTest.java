package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NetworkConfigListTest {
  private static final String PODS =
      """
      {"cniVersion":"1.0.0","name":"pods","disableCheck":true,"plugins":[
        {"type":"bridge","keyA":["x"],"mtu":1400,"ratio":1.10},
        {"type":"portmap","capabilities":{"portMappings":true,"bandwidth":false}}]}
      """;

  @Test
  void aListIsReadWithItsPluginsInOrder() throws Exception {
    NetworkConfigList list = NetworkConfigList.parse(PODS);
    assertThat(list.name()).isEqualTo("pods");
    assertThat(list.version()).hasToString("1.0.0");
    assertThat(list.disableCheck()).isTrue();
    assertThat(list.plugins()).extracting(NetworkConfig::type).containsExactly("bridge", "portmap");
    assertThat(list.declares("portMappings")).isTrue();
    assertThat(list.declares("bandwidth")).isFalse();
    assertThat(list.text()).isEqualTo(PODS);
  }

  @Test
  void aSinglePluginBecomesAListOfOne() throws Exception {
    NetworkConfigList list =
        NetworkConfigList.parseSingle(
            "{\"cniVersion\":\"0.3.1\",\"name\":\"n\",\"type\":\"ptp\",\"ipam\":{}}");
    assertThat(list.name()).isEqualTo("n");
    assertThat(list.version()).hasToString("0.3.1");
    assertThat(NetworkConfigList.parse(list.text())).isEqualTo(list);
    assertThat(list.plugins().getFirst().json().has("ipam")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"n\",\"plugins\":[]                       | not JSON",
        "{\"name\":\"n\",\"plugins\":[]} more                 | not JSON",
        "[]                                                   | not a JSON object",
        "{\"plugins\":[{\"type\":\"a\"}]}                     | lacks \"name\"",
        "{\"name\":\"a/b\",\"plugins\":[{\"type\":\"a\"}]}    | network name \"a/b\"",
        "{\"name\":7,\"plugins\":[]}                          | \"name\" must be a string",
        "{\"name\":\"n\",\"plugins\":{}}                      | \"plugins\" must be an array",
        "{\"name\":\"n\",\"plugins\":[{}]}                    | lacks \"type\"",
        "{\"name\":\"n\",\"plugins\":[\"a\"]}                 | must be an object",
        "{\"name\":\"n\",\"plugins\":[{\"type\":\"../a\"}]}   | plain file name",
        "{\"name\":\"n\",\"cniVersion\":\"x\"}                | not a CNI version",
        "{\"name\":\"n\",\"cniVersion\":\"2.0.0\"}            | newer than 1.1.0",
        "{\"name\":\"n\",\"disableCheck\":\"maybe\"}          | must be true or false",
      })
  void aMalformedListIsRefusedWithItsReason(String json, String reason) {
    assertThatThrownBy(() -> NetworkConfigList.parse(json))
        .isInstanceOf(CniFormatException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aListUnderASinglesNameIsExplained() {
    assertThatThrownBy(() -> NetworkConfigList.parseSingle(PODS))
        .hasMessageContaining("must be named .conflist");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"name\":\"n\"}                                                            | 0.1.0",
        "{\"name\":\"n\",\"cniVersion\":\"0.4.0\"}                                   | 0.4.0",
        "{\"name\":\"n\",\"cniVersions\":[\"0.4.0\",\"1.1.0\",\"1.0.0\"]}            | 1.1.0",
        "{\"name\":\"n\",\"cniVersions\":[\"0.4.0\",\"1.2.0\"]}                      | 0.4.0",
        "{\"name\":\"n\",\"cniVersion\":\"1.0.0\",\"cniVersions\":[\"0.4.0\"]}       | 1.0.0",
      })
  void theNewestVersionOfferedThatWeSpeakIsTaken(String json, String version) throws Exception {
    assertThat(NetworkConfigList.parse(json).version()).hasToString(version);
  }

  @Test
  void aChosenVersionIsTheOnlyOneLeft() throws Exception {
    NetworkConfigList list =
        NetworkConfigList.parse("{\"name\":\"n\",\"cniVersions\":[\"0.4.0\",\"1.1.0\"]}");
    NetworkConfigList chosen = list.in(new CniVersion(0, 4, 0));
    assertThat(NetworkConfigList.parse(chosen.text()).version()).hasToString("0.4.0");
  }

  @Test
  void aPluginsRequestIsItsConfigurationWithWhatTheCallAdds() throws Exception {
    NetworkConfigList list = NetworkConfigList.parse(PODS);
    ObjectNode capabilities =
        Json.parseObject("{\"portMappings\":[{\"hostPort\":1}],\"bandwidth\":{\"ingressRate\":1}}");
    ObjectNode prevResult = Json.parseObject("{\"ips\":[]}");

    assertThat(request(list, 0, MissingNode.getInstance(), capabilities))
        .isEqualTo(
            """
            {"type":"bridge","keyA":["x"],"mtu":1400,"ratio":1.10,"cniVersion":"1.0.0",\
            "name":"pods"}\
            """);
    assertThat(request(list, 1, prevResult, capabilities))
        .isEqualTo(
            """
            {"type":"portmap","capabilities":{"portMappings":true,"bandwidth":false},\
            "cniVersion":"1.0.0","name":"pods","runtimeConfig":{"portMappings":[{"hostPort":1}]},\
            "prevResult":{"ips":[]}}\
            """);
    assertThat(list).as("is left as it was").isEqualTo(NetworkConfigList.parse(PODS));
  }

  private static String request(
      NetworkConfigList list, int plugin, JsonNode prevResult, ObjectNode capabilities) {
    return Json.text(
        list.plugins().get(plugin).request(list.name(), list.version(), prevResult, capabilities));
  }
}
