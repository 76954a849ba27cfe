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
import java.util.Arrays;
import java.util.Optional;

/**
 * Functions of the C library that take up to six numbers or addresses and answer with an int, or
 * with -1 and errno(3). Stateless; needs {@code --enable-native-access}.
 *
 * <p>All are called through one handle, since one for each signature costs tens of milliseconds and
 * hundreds of classes at the start. In the calling conventions of x86-64 and arm64 each argument
 * has a register of its own, of which an int is the lower half, and a function does not look at
 * those it has no parameter for.
 */
final class CLibrary {
  private static final int MOST_ARGUMENTS = 6;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  // Where errno goes when nobody asks for it.
  private static final MemorySegment UNREAD = Arena.global().allocate(STATE);
  private static final MethodHandle CALL = handle();

  private CLibrary() {}

  /** A function that every C library of Linux has. */
  static MemorySegment function(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalStateException("the C library has no function " + name));
  }

  /** A function; empty where the C library is too old for it. */
  static Optional<MemorySegment> find(String name) {
    return LINKER.defaultLookup().find(name);
  }

  /** The function's answer, or the negative errno. */
  static int call(MemorySegment function, long... arguments) {
    long[] all = Arrays.copyOf(arguments, MOST_ARGUMENTS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result = invoke(function, state, all[0], all[1], all[2], all[3], all[4], all[5]);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    }
  }

  /** As the other, with a failure thrown; {@code what} completes "cannot …". */
  static int call(String what, MemorySegment function, long... arguments) throws IOException {
    int result = call(function, arguments);
    if (result < 0) {
      throw new IOException("cannot %s: error %d of errno(3)".formatted(what, -result));
    }
    return result;
  }

  /** The function's own answer, for calls that are made very often: allocates nothing. */
  static int answer(MemorySegment function, long a, long b, long c, long d, long e) {
    return invoke(function, UNREAD, a, b, c, d, e, 0);
  }

  private static int invoke(
      MemorySegment function, MemorySegment state, long a, long b, long c, long d, long e, long f) {
    try {
      return (int) (long) CALL.invokeExact(function, state, a, b, c, d, e, f);
    } catch (Throwable t) {
      throw new IllegalStateException("a function of the C library cannot be called", t);
    }
  }

  @SuppressWarnings("restricted") // The callers give what the functions take.
  private static MethodHandle handle() {
    MemoryLayout[] arguments = new MemoryLayout[MOST_ARGUMENTS];
    Arrays.fill(arguments, ValueLayout.JAVA_LONG);
    return LINKER.downcallHandle(
        FunctionDescriptor.of(ValueLayout.JAVA_LONG, arguments),
        Linker.Option.captureCallState("errno"));
  }
}
