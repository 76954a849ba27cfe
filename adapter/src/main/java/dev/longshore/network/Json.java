package dev.longshore.network;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * JSON as CNI's own library reads it, one object and nothing behind it; numbers stay as written.
 */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static ObjectNode parseObject(String text) throws CniFormatException {
    JsonNode node;
    try {
      node = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where = at == null ? "" : "line " + at.getLineNr() + ": ";
      String what = e.getOriginalMessage().replaceAll(" \\(start marker at .*", "");
      throw new CniFormatException("not JSON: " + where + what, e);
    }
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new CniFormatException(
        node == null || node.isMissingNode()
            ? "empty"
            : "not a JSON object but of type " + node.getNodeType());
  }

  static String text(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }

  /** The string under the key, or "" when there is none. */
  static String string(ObjectNode object, String key) throws CniFormatException {
    JsonNode value = object.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw new CniFormatException(
          "\"" + key + "\" must be a string, not of type " + value.getNodeType());
    }
    return value.textValue();
  }

  /** The flag under the key, false when there is none; libcni takes "true" and "false" too. */
  static boolean flag(ObjectNode object, String key) throws CniFormatException {
    JsonNode value = object.path(key);
    if (value.isMissingNode()) {
      return false;
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isTextual() && value.textValue().equalsIgnoreCase("true")) {
      return true;
    }
    if (value.isTextual() && value.textValue().equalsIgnoreCase("false")) {
      return false;
    }
    throw new CniFormatException("\"" + key + "\" must be true or false, got " + value);
  }
}
