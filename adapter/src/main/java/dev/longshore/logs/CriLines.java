package dev.longshore.logs;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/**
 * Lines in CRI format, {@code <RFC3339Nano> <stream> <F|P> <content>\n}, in a buffer that grows.
 * One thread.
 */
final class CriLines {
  /** Docker reads output in pieces of this size; a shorter one without line end is the last. */
  static final int PIECE = 16 * 1024;

  private static final int FIRST_SIZE = 256 * 1024;
  private static final long SECOND = 1_000_000_000L;
  private static final byte[] STDOUT = " stdout ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STDERR = " stderr ".getBytes(StandardCharsets.US_ASCII);
  private static final DateTimeFormatter TO_SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

  private byte[] bytes = new byte[FIRST_SIZE];
  private int length;
  private long lastSecond = Long.MIN_VALUE;
  private byte[] lastSecondText = new byte[0];

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
    if (bytes.length > FIRST_SIZE) {
      bytes = new byte[FIRST_SIZE];
    }
  }

  /** Begins a line with a time that is text already. */
  void begin(byte[] source, int timeFrom, int timeTo, boolean stdout, boolean partial) {
    put(source, timeFrom, timeTo - timeFrom);
    streamAndTag(stdout, partial);
  }

  /** Begins a line; {@code nanos} since 1970. */
  void begin(long nanos, boolean stdout, boolean partial) {
    long second = Math.floorDiv(nanos, SECOND);
    if (second != lastSecond) {
      lastSecondText =
          TO_SECONDS.format(Instant.ofEpochSecond(second)).getBytes(StandardCharsets.US_ASCII);
      lastSecond = second;
    }
    put(lastSecondText, 0, lastSecondText.length);
    ensure(10);
    long rest = Math.floorMod(nanos, SECOND);
    for (int digit = 8; digit >= 0; digit--) {
      bytes[length + digit] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += 9;
    bytes[length++] = 'Z';
    streamAndTag(stdout, partial);
  }

  /** Appends content. */
  void put(byte[] source, int from, int count) {
    ensure(count);
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  void put(int single) {
    ensure(1);
    bytes[length++] = (byte) single;
  }

  void end() {
    put('\n');
  }

  /** Something of our own to say in a container's log. */
  static byte[] notice(Instant now, String text) {
    CriLines line = new CriLines();
    line.begin(now.getEpochSecond() * SECOND + now.getNano(), false, false);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    line.put(content, 0, content.length);
    line.end();
    return Arrays.copyOf(line.bytes, line.length);
  }

  private void streamAndTag(boolean stdout, boolean partial) {
    byte[] stream = stdout ? STDOUT : STDERR;
    put(stream, 0, stream.length);
    ensure(2);
    bytes[length++] = (byte) (partial ? 'P' : 'F');
    bytes[length++] = ' ';
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
