package dev.longshore.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Sends signals by kill(2): {@link ProcessHandle} can neither stop a process nor address one that
 * it has not looked up. Thread-safe; needs {@code --enable-native-access}.
 */
public final class Signals {
  /** Signal numbers of x86-64 and arm64 (signal(7)). */
  public static final int SIGKILL = 9;

  public static final int SIGSTOP = 19;

  private static final int INIT = 1;

  /**
   * Sends a signal to one process. False when there is none of that pid, or it may not be
   * signalled.
   *
   * @throws IllegalArgumentException for pids that mean many processes, or the machine's first
   */
  public boolean send(int pid, int signal) {
    if (pid <= INIT) {
      throw new IllegalArgumentException("not a pid to signal: " + pid);
    }
    try {
      return (int) Kill.FUNCTION.invokeExact(pid, signal) == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("kill(2) cannot be called", e);
    }
  }

  /** Bound when first used: the machinery for it is 300 classes, and most nodes signal seldom. */
  private static final class Kill {
    private static final MethodHandle FUNCTION = function();

    @SuppressWarnings("restricted") // One function of the C library, with its true signature.
    private static MethodHandle function() {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow("kill"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    }
  }
}
