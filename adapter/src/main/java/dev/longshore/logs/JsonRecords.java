package dev.longshore.logs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Docker's driver {@code json-file}: a JSON object a line, <code>{"log":"…\n","stream":"stdout",
 * "time":"…"}</code>. Docker has replaced what is not UTF-8 by U+FFFD when it wrote that.
 */
final class JsonRecords implements RecordFormat {
  private static final byte[] LOG = ascii("{\"log\":\"");
  private static final byte[] STREAM = ascii("\"stream\":\"");
  private static final byte[] STDERR = ascii("stderr\"");
  private static final byte[] TIME = ascii("\"time\":\"");
  private static final int SHORTEST = 20;

  private final CriLines content = new CriLines();

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public int translate(byte[] bytes, int from, int to, CriLines lines)
      throws UnreadableRecordException {
    int end = from;
    while (end < to && bytes[end] != '\n') {
      end++;
    }
    if (end == to) {
      return INCOMPLETE;
    }
    int whole = end + 1 - from;
    try {
      object(bytes, from, end, lines);
    } catch (IndexOutOfBoundsException e) {
      throw new UnreadableRecordException(whole);
    }
    return whole;
  }

  private void object(byte[] bytes, int from, int end, CriLines lines) {
    content.clear();
    int at = from + 1;
    if (starts(bytes, from, end, LOG)) {
      at = string(bytes, from + LOG.length, end);
    } else if (bytes[from] != '{') {
      throw new IndexOutOfBoundsException(from);
    }
    int stream = find(bytes, at, end, STREAM) + STREAM.length;
    boolean stdout = !starts(bytes, stream, end, STDERR);
    int timeTo = end - 2;
    if (end - from < SHORTEST || bytes[end - 1] != '}' || bytes[timeTo] != '"') {
      throw new IndexOutOfBoundsException(end);
    }
    int timeFrom = timeTo;
    while (bytes[timeFrom - 1] != '"') {
      timeFrom--;
    }
    if (!starts(bytes, timeFrom - TIME.length, end, TIME)) {
      throw new IndexOutOfBoundsException(timeFrom);
    }
    boolean complete = content.length() > 0 && content.bytes()[content.length() - 1] == '\n';
    int length = complete ? content.length() - 1 : content.length();
    lines.begin(bytes, timeFrom, timeTo, stdout, !complete && length >= CriLines.PIECE);
    lines.put(content.bytes(), 0, length);
    lines.end();
  }

  /** Decodes a string into {@link #content}; returns where it ends, behind the quote. */
  private int string(byte[] bytes, int from, int end) {
    int run = from;
    int at = from;
    while (bytes[at] != '"') {
      if (bytes[at] == '\\') {
        content.put(bytes, run, at - run);
        at = escape(bytes, at + 1);
        run = at;
      } else {
        at++;
      }
      if (at >= end) {
        throw new IndexOutOfBoundsException(at);
      }
    }
    content.put(bytes, run, at - run);
    return at + 1;
  }

  private int escape(byte[] bytes, int at) {
    switch (bytes[at]) {
      case 'n' -> content.put('\n');
      case 'r' -> content.put('\r');
      case 't' -> content.put('\t');
      case 'b' -> content.put('\b');
      case 'f' -> content.put('\f');
      case 'u' -> {
        return unicode(bytes, at + 1);
      }
      default -> content.put(bytes[at]);
    }
    return at + 1;
  }

  private int unicode(byte[] bytes, int at) {
    int code = hex(bytes, at);
    int next = at + 4;
    if (Character.isHighSurrogate((char) code) && bytes[next] == '\\' && bytes[next + 1] == 'u') {
      code = Character.toCodePoint((char) code, (char) hex(bytes, next + 2));
      next += 6;
    }
    byte[] utf8 = Character.toString(code).getBytes(StandardCharsets.UTF_8);
    content.put(utf8, 0, utf8.length);
    return next;
  }

  private static int hex(byte[] bytes, int at) {
    int code = 0;
    for (int i = at; i < at + 4; i++) {
      int digit = Character.digit(bytes[i], 16);
      if (digit < 0) {
        throw new IndexOutOfBoundsException(i);
      }
      code = code << 4 | digit;
    }
    return code;
  }

  private static boolean starts(byte[] bytes, int at, int end, byte[] text) {
    return at + text.length <= end
        && Arrays.equals(bytes, at, at + text.length, text, 0, text.length);
  }

  private static int find(byte[] bytes, int from, int end, byte[] text) {
    int at = from;
    while (!starts(bytes, at, end, text)) {
      at++;
      if (at >= end) {
        throw new IndexOutOfBoundsException(at);
      }
    }
    return at;
  }
}
