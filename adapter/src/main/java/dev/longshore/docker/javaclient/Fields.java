package dev.longshore.docker.javaclient;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Fields of Docker's answers, read so that absent, null and of another type are all "not there".
 */
final class Fields {
  private Fields() {}

  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isValueNode() && !value.isNull() ? value.asText() : "";
  }

  static Optional<String> nonEmpty(JsonNode node, String field) {
    return Optional.of(text(node, field)).filter(text -> !text.isEmpty());
  }

  static long integer(JsonNode node, String field) {
    return node.path(field).asLong();
  }

  /** A number whose 0 means that nobody gave it. */
  static OptionalLong limit(JsonNode node, String field) {
    long value = integer(node, field);
    return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  /** Go's zero time, in the year 1, and anything unreadable is absent. */
  static Optional<Instant> time(JsonNode node, String field) {
    try {
      Instant time = OffsetDateTime.parse(text(node, field)).toInstant();
      return time.getEpochSecond() > 0 ? Optional.of(time) : Optional.empty();
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  static Map<String, String> texts(JsonNode object) {
    Map<String, String> all = new HashMap<>();
    object.properties().forEach(entry -> all.put(entry.getKey(), entry.getValue().asText("")));
    return all;
  }

  static List<String> list(JsonNode array) {
    List<String> all = new ArrayList<>();
    array.forEach(element -> all.add(element.asText("")));
    return all;
  }
}
