package dev.longshore.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** What ADD answers, in any version of CNI: 0.1 and 0.2 have ip4 and ip6, later ones a list. */
final class CniResult {
  private CniResult() {}

  /** Reads a plugin's answer; one without a version has the configuration's, as in libcni. */
  static ObjectNode parse(String printed, CniVersion version) throws CniFormatException {
    if (printed.isBlank()) {
      throw new CniFormatException("printed no result");
    }
    ObjectNode result;
    try {
      result = Json.parseObject(printed);
    } catch (CniFormatException e) {
      throw new CniFormatException(
          "printed %s as its result: %s".formatted(PluginRunner.quote(printed), e.getMessage()), e);
    }
    if (Json.string(result, "cniVersion").isEmpty()) {
      result.put("cniVersion", version.toString());
    }
    return result;
  }

  /**
   * The pod's addresses without prefix lengths, in the plugin's order. A result may also list
   * addresses of the host's side or of further interfaces; those count only when there are no
   * others.
   */
  static List<String> addresses(ObjectNode result, String interfaceName) throws CniFormatException {
    List<String> own = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (JsonNode ip : result.path("ips")) {
      String address = address(ip.path("address").asText());
      all.add(address);
      if (isOf(interfaceName, ip, result.path("interfaces"))) {
        own.add(address);
      }
    }
    for (JsonNode old : List.of(result.path("ip4"), result.path("ip6"))) {
      if (old.has("ip")) {
        all.add(address(old.path("ip").asText()));
      }
    }
    return (own.isEmpty() ? all : own).stream().distinct().toList();
  }

  private static boolean isOf(String interfaceName, JsonNode ip, JsonNode interfaces) {
    JsonNode index = ip.path("interface");
    if (!index.isInt() || !interfaces.has(index.intValue())) {
      return true;
    }
    JsonNode owner = interfaces.path(index.intValue());
    return !owner.path("sandbox").asText("").isEmpty()
        && owner.path("name").asText("").equals(interfaceName);
  }

  private static String address(String cidr) throws CniFormatException {
    int slash = cidr.indexOf('/');
    String address = slash < 0 ? cidr : cidr.substring(0, slash);
    try {
      // Looks nothing up: it takes literal addresses only.
      var _ = InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException e) {
      throw new CniFormatException("its result holds \"" + cidr + "\" as an address", e);
    }
    return address;
  }
}
