package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CniResultTest {
  private static final CniVersion VERSION = new CniVersion(1, 0, 0);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // 0.1.0 and 0.2.0
        "{\"ip4\":{\"ip\":\"10.1.0.5/16\"},\"ip6\":{\"ip\":\"fd01::5/64\"}} | 10.1.0.5 fd01::5",
        // 0.3.x and 0.4.0
        "{\"ips\":[{\"version\":\"4\",\"address\":\"10.1.0.5/16\"}]}        | 10.1.0.5",
        // IPv6 first stays first
        "{\"ips\":[{\"address\":\"fd01::5/64\"},{\"address\":\"10.1.0.5/16\"}]} | fd01::5 10.1.0.5",
        // an interface that is not listed
        "{\"ips\":[{\"address\":\"10.1.0.5/16\",\"interface\":3}]}          | 10.1.0.5",
      })
  void addressesComeInThePluginsOrderWithoutPrefixes(String result, String addresses)
      throws Exception {
    assertThat(CniResult.addresses(Json.parseObject(result), "eth0"))
        .containsExactly(addresses.split(" ", -1));
  }

  @Test
  void addressesOfTheHostAndOfOtherInterfacesAreLeftOut() throws Exception {
    String result =
        """
        {"interfaces":[{"name":"br0"},{"name":"eth0","sandbox":"/n"},{"name":"x","sandbox":"/n"}],
         "ips":[{"address":"10.9.0.1/24","interface":0},{"address":"10.5.0.9/24","interface":1},
                {"address":"10.7.0.9/24","interface":2}]}
        """;
    assertThat(CniResult.addresses(Json.parseObject(result), "eth0")).containsExactly("10.5.0.9");
  }

  @Test
  void aPodWhoseInterfaceHasAnotherNameStillHasItsAddress() throws Exception {
    String result =
        """
        {"interfaces":[{"name":"wlan","sandbox":"/n"}],
         "ips":[{"address":"10.5.0.9/24","interface":0}]}
        """;
    assertThat(CniResult.addresses(Json.parseObject(result), "eth0")).containsExactly("10.5.0.9");
  }

  @Test
  void anAddressThatIsNoneIsRefusedAndNotLookedUp() throws Exception {
    var result = Json.parseObject("{\"ips\":[{\"address\":\"example.com/24\"}]}");
    assertThatThrownBy(() -> CniResult.addresses(result, "eth0"))
        .hasMessage("its result holds \"example.com/24\" as an address");
  }

  @Test
  void aResultWithoutVersionHasTheConfigurations() throws Exception {
    assertThat(Json.text(CniResult.parse("{\"ips\":[]}", VERSION)))
        .isEqualTo("{\"ips\":[],\"cniVersion\":\"1.0.0\"}");
    assertThat(Json.text(CniResult.parse("{\"cniVersion\":\"0.4.0\"}", VERSION)))
        .isEqualTo("{\"cniVersion\":\"0.4.0\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n", "hello", "null", "[1]", "{} {}"})
  void whatIsNoResultIsRefused(String printed) {
    assertThatThrownBy(() -> CniResult.parse(printed, VERSION))
        .isInstanceOf(CniFormatException.class)
        .hasMessageStartingWith("printed ");
  }
}
