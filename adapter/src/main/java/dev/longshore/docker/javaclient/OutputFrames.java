package dev.longshore.docker.javaclient;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The output of a command. Without a terminal it comes in frames: one byte 0, 1 or 2 for the
 * stream, three zero bytes, the length in four bytes (big-endian), and as many bytes of output.
 * With a terminal it is plain bytes, which go to stdout.
 */
final class OutputFrames {
  private static final int HEADER = 8;
  private static final int CHUNK = 32 * 1024;
  private static final int STDERR = 2;

  private OutputFrames() {}

  /** Reads to the end of the stream. */
  static void read(InputStream in, Consumer<byte[]> stdout, Consumer<byte[]> stderr)
      throws IOException {
    while (true) {
      byte[] header = in.readNBytes(HEADER);
      if (header.length == 0) {
        return;
      }
      if (!isFrame(header)) {
        plain(header, in, stdout);
        return;
      }
      copy(in, length(header), header[0] == STDERR ? stderr : stdout);
    }
  }

  private static boolean isFrame(byte[] header) {
    return header.length == HEADER
        && header[0] >= 0
        && header[0] <= STDERR
        && header[1] == 0
        && header[2] == 0
        && header[3] == 0;
  }

  private static long length(byte[] header) {
    long length = 0;
    for (int i = 4; i < HEADER; i++) {
      length = length << 8 | (header[i] & 0xff);
    }
    return length;
  }

  private static void copy(InputStream in, long length, Consumer<byte[]> sink) throws IOException {
    byte[] buffer = new byte[(int) Math.min(length, CHUNK)];
    long left = length;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new EOFException("the output ended within a frame, " + left + " bytes short");
      }
      sink.accept(Arrays.copyOf(buffer, read));
      left -= read;
    }
  }

  private static void plain(byte[] first, InputStream in, Consumer<byte[]> stdout)
      throws IOException {
    stdout.accept(first);
    byte[] buffer = new byte[CHUNK];
    int read = in.read(buffer);
    while (read >= 0) {
      stdout.accept(Arrays.copyOf(buffer, read));
      read = in.read(buffer);
    }
  }
}
