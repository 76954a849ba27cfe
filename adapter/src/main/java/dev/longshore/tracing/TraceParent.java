package dev.longshore.tracing;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a caller is in its trace, by W3C Trace Context, version 00.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 */
record TraceParent(String traceId, String spanId, boolean sampled) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?");

  /** Empty for a text of another form, as the specification asks. */
  static Optional<TraceParent> parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    boolean sampled = (Integer.parseInt(parts.group(3), 16) & 1) != 0;
    return Optional.of(new TraceParent(parts.group(1), parts.group(2), sampled));
  }
}
