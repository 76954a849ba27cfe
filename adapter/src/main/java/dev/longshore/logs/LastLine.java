package dev.longshore.logs;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Times of lines in CRI format, by which a log is continued that has no record. */
final class LastLine {
  private static final int TAIL = 64 * 1024;
  private static final int LONGEST_TIME = 40;

  private LastLine() {}

  /** The time of a file's last whole line; empty when it has none. */
  static Optional<Instant> time(Path path) throws IOException {
    byte[] tail = tail(path);
    int end = lineEnd(tail, tail.length - 1);
    return end < 0 ? Optional.empty() : time(tail, lineEnd(tail, end - 1) + 1, end);
  }

  /** How long a file is without the piece of a line at its end. */
  static long end(Path path) throws IOException {
    byte[] tail = tail(path);
    return Files.size(path) - (tail.length - 1 - lineEnd(tail, tail.length - 1));
  }

  private static byte[] tail(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(TAIL, file.length())];
      file.seek(file.length() - tail.length);
      file.readFully(tail);
      return tail;
    }
  }

  private static int lineEnd(byte[] bytes, int from) {
    int at = from;
    while (at >= 0 && bytes[at] != '\n') {
      at--;
    }
    return at;
  }

  /** Where the lines begin that are later than {@code time}. */
  static int after(Instant time, byte[] lines, int length) {
    int at = 0;
    while (at < length) {
      int end = at;
      while (end < length && lines[end] != '\n') {
        end++;
      }
      if (time(lines, at, end).filter(own -> own.isAfter(time)).isPresent()) {
        return at;
      }
      at = end + 1;
    }
    return length;
  }

  private static Optional<Instant> time(byte[] bytes, int from, int to) {
    int end = from;
    while (end < to && end - from < LONGEST_TIME && bytes[end] != ' ') {
      end++;
    }
    try {
      String text = new String(bytes, from, end - from, StandardCharsets.US_ASCII);
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
