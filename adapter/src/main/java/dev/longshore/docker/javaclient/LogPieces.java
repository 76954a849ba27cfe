package dev.longshore.docker.javaclient;

import com.github.dockerjava.transport.DockerHttpClient.Request.Method;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import dev.longshore.common.ContainerId;
import dev.longshore.docker.LogPiece;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A container's output as {@code GET /containers/{id}/logs} gives it, with times. Without a
 * terminal each piece has a frame: the stream's number, three zero bytes, the length in four bytes
 * (big-endian). With one, pieces are lines of stdout.
 */
final class LogPieces {
  private static final int HEADER = 8;
  private static final int STDERR = 2;
  private static final int BUFFER = 32 * 1024;
  private static final int LONGEST = 16 * 1024 * 1024;

  private LogPieces() {}

  /** Reads the answer to its end. */
  static void follow(Wire wire, ContainerId id, Instant since, Consumer<LogPiece> sink)
      throws IOException {
    String path =
        "/containers/%s/logs?follow=1&stdout=1&stderr=1&timestamps=1&since=%d.%09d"
            .formatted(id, since.getEpochSecond(), since.getNano());
    try (Response response = wire.open(Method.GET, path, Map.of())) {
      read(new BufferedInputStream(response.getBody(), BUFFER), sink);
    }
  }

  static void read(InputStream in, Consumer<LogPiece> sink) throws IOException {
    in.mark(HEADER);
    byte[] header = in.readNBytes(HEADER);
    if (isFrame(header)) {
      while (header.length > 0) {
        frame(header, in, sink);
        header = in.readNBytes(HEADER);
      }
    } else {
      in.reset();
      lines(in, sink);
    }
  }

  private static boolean isFrame(byte[] header) {
    return header.length == HEADER && header[0] <= STDERR && header[1] == 0 && header[2] == 0;
  }

  private static void frame(byte[] header, InputStream in, Consumer<LogPiece> sink)
      throws IOException {
    int length = header.length < HEADER ? -1 : ByteBuffer.wrap(header).getInt(Integer.BYTES);
    if (length < 0 || length > LONGEST) {
      throw new IOException("a frame of " + length + " bytes is none of Docker's");
    }
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the output ended within a frame");
    }
    sink.accept(piece(bytes, length, header[0] != STDERR));
  }

  private static void lines(InputStream in, Consumer<LogPiece> sink) throws IOException {
    byte[] line = new byte[BUFFER];
    int length = 0;
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = (byte) next;
      if (next == '\n' || length == LONGEST) {
        sink.accept(piece(line, length, true));
        length = 0;
      }
    }
    if (length > 0) {
      sink.accept(piece(line, length, true));
    }
  }

  private static LogPiece piece(byte[] bytes, int length, boolean stdout) throws IOException {
    int space = 0;
    while (space < length && bytes[space] != ' ') {
      space++;
    }
    boolean partial = bytes[length - 1] != '\n';
    int end = partial ? length : length - 1;
    return new LogPiece(
        nanos(new String(bytes, 0, space, StandardCharsets.US_ASCII)),
        stdout,
        partial,
        Arrays.copyOfRange(bytes, Math.min(space + 1, end), end));
  }

  private static long nanos(String time) throws IOException {
    try {
      Instant instant = Instant.parse(time);
      return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    } catch (DateTimeException e) {
      throw new IOException("Docker gave output without its time: " + time, e);
    }
  }
}
