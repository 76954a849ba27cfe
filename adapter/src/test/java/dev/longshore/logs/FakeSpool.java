package dev.longshore.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Files as Docker's driver {@code local} writes and rotates them. */
final class FakeSpool {
  static final long FIRST_NANOS = 1_700_000_000_000_000_000L;

  private final Path current;
  private final int files;
  private int written;

  /** {@code files} are kept. */
  FakeSpool(Path folder, int files) {
    this.files = files;
    try {
      current = Files.createDirectories(folder).resolve("container.log");
      Files.createFile(current);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Spool spool() {
    return new Spool(current, RecordFormat.Kind.LOCAL);
  }

  /** A record; every line comes a millisecond after the one before. */
  static byte[] record(long nanos, String stream, byte[] line, boolean partial, boolean last) {
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    bytes(entry, 1, stream.getBytes(StandardCharsets.US_ASCII));
    entry.write(2 << 3);
    varint(entry, nanos);
    bytes(entry, 3, line);
    if (partial) {
      entry.write(4 << 3);
      entry.write(1);
      bytes(entry, 5, last ? new byte[] {1 << 3, 1} : new byte[] {3 << 3, 1});
    }
    int size = entry.size();
    return ByteBuffer.allocate(size + 8).putInt(size).put(entry.toByteArray()).putInt(size).array();
  }

  /** Writes a line and returns what it is in CRI format. */
  String write(String text) throws IOException {
    long nanos = FIRST_NANOS + written++ * 1_000_000L;
    append(record(nanos, "stdout", text.getBytes(StandardCharsets.UTF_8), false, false));
    CriLines line = new CriLines();
    line.begin(nanos, true, false);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    line.put(content, 0, content.length);
    line.end();
    return new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8);
  }

  void append(byte[] bytes) throws IOException {
    Files.write(current, bytes, StandardOpenOption.APPEND);
  }

  void rotate() throws IOException {
    for (int number = files - 1; number > 1; number--) {
      for (String form : List.of("", ".gz")) {
        Path older = numbered(number - 1 + form);
        if (Files.exists(older)) {
          Files.move(older, numbered(number + form), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    Files.move(current, numbered("1"), StandardCopyOption.REPLACE_EXISTING);
    Files.createFile(current);
  }

  /** What Docker does with the file before the current one where it is told to compress. */
  void compress() throws IOException {
    Path plain = numbered("1");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(numbered("1.gz")))) {
      long _ = Files.copy(plain, out);
    }
    Files.delete(plain);
  }

  private Path numbered(String number) {
    return current.resolveSibling("container.log." + number);
  }

  private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    out.write(field << 3 | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while (left > 0x7f) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
