package dev.longshore.docker.javaclient;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** Docker's answer to a request to upgrade: a bounded head, then the stream, or why not. */
final class UpgradeAnswer {
  private static final int LARGEST_HEAD = 16 * 1024;
  private static final int LARGEST_REFUSAL = 64 * 1024;
  private static final String END = "\r\n\r\n";

  private UpgradeAnswer() {}

  /**
   * Reads the head and returns what came after it already; throws {@link StatusException} when the
   * answer is a refusal.
   */
  static ByteBuffer read(ReadableByteChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(LARGEST_HEAD);
    int end = -1;
    while (end < 0) {
      if (!buffer.hasRemaining()) {
        throw new IOException("the head of the answer is longer than " + LARGEST_HEAD + " bytes");
      }
      if (channel.read(buffer) < 0) {
        throw new EOFException("the connection was closed before an answer");
      }
      end = head(buffer).indexOf(END);
    }
    String head = head(buffer).substring(0, end);
    buffer.flip().position(end + END.length());
    int status = status(head);
    // Older daemons and attach without the upgrade header answer 200 and stream all the same.
    if (status == 101 || (status == 200 && contentLength(head).isEmpty())) {
      return buffer.slice();
    }
    throw new StatusException(status, Wire.message(refusal(channel, buffer, head)));
  }

  private static String refusal(ReadableByteChannel channel, ByteBuffer begun, String head)
      throws IOException {
    int length = (int) Math.min(LARGEST_REFUSAL, contentLength(head).orElse(0L));
    ByteBuffer body = ByteBuffer.allocate(Math.max(length, begun.remaining())).put(begun);
    while (body.position() < length && channel.read(body) >= 0) {
      // The rest comes with the next read.
    }
    return StandardCharsets.UTF_8.decode(body.flip()).toString();
  }

  /** A character for each byte, so that positions agree. */
  private static String head(ByteBuffer buffer) {
    return StandardCharsets.ISO_8859_1.decode(buffer.duplicate().flip()).toString();
  }

  private static int status(String head) throws IOException {
    String[] words = head.split("\r\n", 2)[0].split(" ", 3);
    if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
      throw new IOException("the answer is not HTTP: " + head.lines().findFirst().orElse(""));
    }
    return Integer.parseInt(words[1]);
  }

  private static Optional<Long> contentLength(String head) {
    return head.lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.matches("content-length:\\s*\\d{1,18}\\s*"))
        .map(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst();
  }
}
