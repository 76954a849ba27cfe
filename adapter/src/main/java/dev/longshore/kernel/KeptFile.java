package dev.longshore.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A small file of the kernel's that is read again and again: it stays open, which makes a reading
 * ten times cheaper. What was not there at first is not looked for again. One call at a time.
 *
 * <p>The kernel holds some 4 KiB for each; beyond {@value #MOST_OPEN} of them, files are opened for
 * each reading.
 */
final class KeptFile implements AutoCloseable {
  static final int MOST_OPEN = 4096;

  /** Enough for every cgroup file that is read here. */
  static final long BUFFER = 8192;

  private static final AtomicInteger OPEN_FILES = new AtomicInteger();
  private static final int READ_ONLY_CLOSE_ON_EXEC = 0x80000;
  private static final int NEVER_OPENED = -1;
  private static final int ABSENT = -2;

  // Variadic in C; its third argument is read only when a file is made.
  private static final MethodHandle OPEN =
      bind(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private static final MethodHandle CLOSE =
      bind("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
  private static final MethodHandle PREAD =
      bind(
          "pread",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG));

  private final Path path;
  private int descriptor = NEVER_OPENED;

  KeptFile(Path path) {
    this.path = path;
  }

  /**
   * The text now; empty when there is no such file, or what it tells of is gone. Not interrupted.
   *
   * @param buffer of {@link #BUFFER} bytes, to be used by this call
   */
  Optional<String> read(MemorySegment buffer) {
    if (descriptor == NEVER_OPENED) {
      descriptor = open();
      int _ = descriptor == ABSENT ? 0 : OPEN_FILES.incrementAndGet();
    }
    if (descriptor == ABSENT) {
      return Optional.empty();
    }
    Optional<String> text = pread(buffer);
    if (OPEN_FILES.get() > MOST_OPEN) {
      close();
    }
    return text;
  }

  /** Closes the file; the next reading opens it again. */
  @Override
  public void close() {
    if (descriptor >= 0) {
      try {
        int _ = (int) CLOSE.invokeExact(descriptor);
      } catch (Throwable e) {
        throw unusable("close", e);
      }
      OPEN_FILES.decrementAndGet();
      descriptor = NEVER_OPENED;
    }
  }

  private int open() {
    try (Arena arena = Arena.ofConfined()) {
      int opened =
          (int) OPEN.invokeExact(arena.allocateFrom(path.toString()), READ_ONLY_CLOSE_ON_EXEC);
      return opened < 0 ? ABSENT : opened;
    } catch (Throwable e) {
      throw unusable("open", e);
    }
  }

  private Optional<String> pread(MemorySegment buffer) {
    long length;
    try {
      length = (long) PREAD.invokeExact(descriptor, buffer, BUFFER, 0L);
    } catch (Throwable e) {
      throw unusable("pread", e);
    }
    if (length < 0) {
      return Optional.empty();
    }
    byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    return Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  private static IllegalStateException unusable(String function, Throwable cause) {
    return new IllegalStateException(function + "(2) cannot be called", cause);
  }

  @SuppressWarnings("restricted") // The signatures above are the true ones.
  private static MethodHandle bind(String name, FunctionDescriptor signature) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature);
  }
}
