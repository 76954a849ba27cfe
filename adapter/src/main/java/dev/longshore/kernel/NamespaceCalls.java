package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** open(2) and setns(2), for descriptors that Java's own classes do not show. */
final class NamespaceCalls {
  private static final int READ_ONLY_CLOSE_ON_EXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;

  private static final MemorySegment OPEN = CLibrary.function("open");
  private static final MemorySegment SETNS = CLibrary.function("setns");

  private NamespaceCalls() {}

  /** A descriptor of the file, to be closed by {@link Descriptors#close}. */
  static int open(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      // Variadic in C; its third argument is read only when a file is made.
      return CLibrary.call(
          "open " + file,
          OPEN,
          arena.allocateFrom(file.toString()).address(),
          READ_ONLY_CLOSE_ON_EXEC);
    }
  }

  /** Moves the calling thread, which must be one of the platform, into a network namespace. */
  static void enterNetwork(int descriptor) throws IOException {
    int _ = CLibrary.call("enter a network namespace", SETNS, descriptor, CLONE_NEWNET);
  }
}
