package dev.longshore.logging;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;

/**
 * One event.
 *
 * @param fields what the message says, for machines; only JSON has them
 */
record Line(
    Instant time,
    Level level,
    String logger,
    String message,
    List<KeyValuePair> fields,
    Optional<Throwable> failure) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Whole, whatever other threads write. */
  void print(PrintStream out) {
    String text =
        switch (Log.form()) {
          case TEXT -> text();
          case JSON -> json();
        };
    synchronized (Line.class) {
      out.println(text);
      out.flush();
    }
  }

  String text() {
    String head =
        "%s %s %s - "
            .formatted(TIME.format(time), level, logger.substring(logger.lastIndexOf('.') + 1));
    return head + message + failure.map(cause -> "\n" + stack(cause)).orElse("");
  }

  String json() {
    StringBuilder json = new StringBuilder("{");
    field(json, "time", TIME.format(time));
    field(json, "level", level.name().toLowerCase(Locale.ROOT));
    field(json, "logger", logger);
    field(json, "message", message);
    fields.forEach(field -> field(json, field.key, field.value));
    failure.ifPresent(cause -> field(json, "error", stack(cause)));
    return json.append('}').toString();
  }

  private static void field(StringBuilder json, String name, Object value) {
    json.append(json.length() > 1 ? "," : "").append('"').append(name).append("\":");
    if (value instanceof Number) {
      json.append(value);
    } else {
      quote(json, String.valueOf(value));
    }
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }

  private static String stack(Throwable cause) {
    StringWriter text = new StringWriter();
    cause.printStackTrace(new PrintWriter(text));
    return text.toString().stripTrailing();
  }
}
