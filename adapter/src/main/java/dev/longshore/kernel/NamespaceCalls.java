package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/** open(2), setns(2) and close(2), for descriptors that Java's own classes do not show. */
final class NamespaceCalls {
  private static final int READ_ONLY_CLOSE_ON_EXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle open;
  private final MethodHandle setns;
  private final MethodHandle close;

  NamespaceCalls() {
    // open(2) is variadic in C; its third argument is read only when a file is made.
    open = handle("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    setns = handle("setns", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    close = handle("close", ValueLayout.JAVA_INT);
  }

  @SuppressWarnings("restricted") // Functions of the C library, with their true signatures.
  private static MethodHandle handle(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /** A descriptor of the file, to be closed here. */
  int open(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment path = arena.allocateFrom(file.toString());
      int result = (int) open.invokeExact(state, path, READ_ONLY_CLOSE_ON_EXEC);
      return checked("open " + file, result, state);
    } catch (Throwable e) {
      throw known(e);
    }
  }

  /** Moves the calling thread, which must be one of the platform, into a network namespace. */
  void enterNetwork(int descriptor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int _ =
          checked(
              "enter a network namespace",
              (int) setns.invokeExact(state, descriptor, CLONE_NEWNET),
              state);
    } catch (Throwable e) {
      throw known(e);
    }
  }

  void close(int descriptor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int _ = checked("close a descriptor", (int) close.invokeExact(state, descriptor), state);
    } catch (Throwable e) {
      throw known(e);
    }
  }

  private static int checked(String what, int result, MemorySegment state) throws IOException {
    if (result < 0) {
      throw new IOException(
          "cannot %s: error %d of errno(3)".formatted(what, (int) ERRNO.get(state, 0L)));
    }
    return result;
  }

  private static IOException known(Throwable e) {
    return switch (e) {
      case IOException io -> io;
      case RuntimeException unexpected -> throw unexpected;
      case Error error -> throw error;
      default -> new IOException("a function of the C library cannot be called", e);
    };
  }
}
