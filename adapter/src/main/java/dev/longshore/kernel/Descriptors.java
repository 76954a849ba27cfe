package dev.longshore.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * open(2), pread(2) and close(2) for small files of the kernel that are read very often: a call
 * costs less than a microsecond beside what the kernel does. Not interrupted. Needs {@code
 * --enable-native-access}.
 */
final class Descriptors {
  /** Enough for every file that is read here. */
  static final long BUFFER = 8192;

  private static final int AT_FDCWD = -100;
  private static final int CLOSE_ON_EXEC = 0x80000;
  // O_PATH and O_DIRECTORY; the latter's bit differs between x86-64 and arm64, and is left out.
  private static final int AS_PLACE = 0x200000;

  // Variadic in C; its fourth argument is read only when a file is made.
  private static final MemorySegment OPENAT = CLibrary.function("openat");
  private static final MemorySegment CLOSE = CLibrary.function("close");
  private static final MemorySegment PREAD = CLibrary.function("pread");

  private Descriptors() {}

  /** A file for reading; negative when it cannot be opened. */
  static int open(String path) {
    return openAt(AT_FDCWD, path, CLOSE_ON_EXEC);
  }

  /** A folder as the place of files, not to be read itself; negative when it is not there. */
  static int openPlace(String folder) {
    return openAt(AT_FDCWD, folder, CLOSE_ON_EXEC | AS_PLACE);
  }

  /** The whole of a file of that place; empty when it is not there. */
  static Optional<String> readAt(int place, String name) {
    int file = openAt(place, name, CLOSE_ON_EXEC);
    if (file < 0) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER);
      int length = read(file, buffer);
      return length < 0 ? Optional.empty() : Optional.of(text(buffer, length));
    } finally {
      close(file);
    }
  }

  /**
   * The file from its start, as much as the buffer holds.
   *
   * @return how many bytes that is; negative when what the file tells of is gone
   */
  static int read(int file, MemorySegment buffer) {
    return CLibrary.answer(PREAD, file, buffer.address(), buffer.byteSize(), 0, 0);
  }

  private static String text(MemorySegment buffer, int length) {
    byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  static void close(int descriptor) {
    int _ = CLibrary.answer(CLOSE, descriptor, 0, 0, 0, 0);
  }

  private static int openAt(int place, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return CLibrary.answer(OPENAT, place, arena.allocateFrom(path).address(), flags, 0, 0);
    }
  }
}
