package dev.longshore.kernel;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Files that the kernel makes up when they are read: small, without a size to ask for. */
final class KernelText {
  // More than most of them; mountinfo may be longer.
  private static final int USUAL_SIZE = 4096;

  private KernelText() {}

  /**
   * The whole of a file; empty when it is not there, or what it tells of is gone. A stream, not a
   * channel: interrupting the reader of a channel closes it, and the file would seem to have
   * vanished. {@code readAllBytes} alone would take 16 KiB for each number.
   */
  static Optional<String> read(Path file) {
    try (var in = new FileInputStream(file.toFile())) {
      byte[] start = new byte[USUAL_SIZE];
      int length = in.readNBytes(start, 0, start.length);
      String text = new String(start, 0, length, StandardCharsets.ISO_8859_1);
      return Optional.of(
          length < start.length
              ? text
              : text + new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The number that a file consists of; empty for anything else. */
  static OptionalLong number(Path file) {
    return read(file).map(FlatKeyed::number).orElseGet(OptionalLong::empty);
  }
}
