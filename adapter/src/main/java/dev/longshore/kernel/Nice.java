package dev.longshore.kernel;

import java.io.IOException;

/** The scheduling of a thread. */
public final class Nice {
  private static final int PRIO_PROCESS = 0;
  private static final int CALLER = 0;
  private static final int LAST = 19;

  private Nice() {}

  /**
   * The calling thread, which must be one of the platform, gets CPU and, where the IO scheduler
   * knows priorities, disk only when little else wants them (setpriority(2), ionice(1)).
   */
  public static void last() throws IOException {
    int _ =
        CLibrary.call(
            "lower a thread's priority",
            CLibrary.function("setpriority"),
            PRIO_PROCESS,
            CALLER,
            LAST);
  }
}
