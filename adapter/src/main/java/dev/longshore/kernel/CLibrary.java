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

/**
 * Functions of the C library that answer with a number, or with -1 and errno(3). Stateless; needs
 * {@code --enable-native-access}.
 */
final class CLibrary {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private CLibrary() {}

  /** A function for {@link #call}; where it answers with more than an int, that must be enough. */
  @SuppressWarnings("restricted") // The callers give the true signatures.
  static MethodHandle function(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /** The function's answer, or the negative errno. */
  static int call(MethodHandle function, Object... arguments) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      Object[] all = new Object[arguments.length + 1];
      all[0] = state;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      int result = (int) function.invokeWithArguments(all);
      return result < 0 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("a function of the C library cannot be called", e);
    }
  }

  /** As the other, with a failure thrown; {@code what} completes "cannot …". */
  static int call(String what, MethodHandle function, Object... arguments) throws IOException {
    int result = call(function, arguments);
    if (result < 0) {
      throw new IOException("cannot %s: error %d of errno(3)".formatted(what, -result));
    }
    return result;
  }
}
