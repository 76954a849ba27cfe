package dev.longshore.kernel;

import java.lang.foreign.MemorySegment;

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
    return CLibrary.answer(Kill.FUNCTION, pid, signal, 0, 0, 0) == 0;
  }

  /** Found when first used: the machinery for it is 300 classes, and most nodes signal seldom. */
  private static final class Kill {
    private static final MemorySegment FUNCTION = CLibrary.function("kill");

    private Kill() {}
  }
}
