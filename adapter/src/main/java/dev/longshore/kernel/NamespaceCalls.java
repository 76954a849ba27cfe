package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** open(2), setns(2) and close(2), for descriptors that Java's own classes do not show. */
final class NamespaceCalls {
  private static final int READ_ONLY_CLOSE_ON_EXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;

  // open(2) is variadic in C; its third argument is read only when a file is made.
  private final MethodHandle open =
      CLibrary.function("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private final MethodHandle setns =
      CLibrary.function("setns", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private final MethodHandle close = CLibrary.function("close", ValueLayout.JAVA_INT);

  /** A descriptor of the file, to be closed here. */
  int open(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return CLibrary.call(
          "open " + file, open, arena.allocateFrom(file.toString()), READ_ONLY_CLOSE_ON_EXEC);
    }
  }

  /** Moves the calling thread, which must be one of the platform, into a network namespace. */
  void enterNetwork(int descriptor) throws IOException {
    int _ = CLibrary.call("enter a network namespace", setns, descriptor, CLONE_NEWNET);
  }

  void close(int descriptor) throws IOException {
    int _ = CLibrary.call("close a descriptor", close, descriptor);
  }
}
