package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * inotify(7) of folders: which of them had a file written, made or moved in. Unlike Java's own
 * watcher it reads when its user wants to, so that a file written ten thousand times a second costs
 * as little as one. {@link #watch} and {@link #forget} are for any thread, {@link #await} is for
 * one, of the platform.
 */
public final class Inotify implements AutoCloseable {
  private static final int CLOSE_ON_EXEC = 0x80000;
  private static final int MODIFY = 0x2;
  private static final int MOVED_TO = 0x80;
  private static final int CREATE = 0x100;
  private static final int ONLY_FOLDERS = 0x1000000;
  private static final int OVERFLOW = 0x4000;
  private static final int BUFFER = 64 * 1024;
  private static final int EVENT_HEADER = 16;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
  private final MemorySegment add = CLibrary.function("inotify_add_watch");
  private final MemorySegment remove = CLibrary.function("inotify_rm_watch");
  private final MemorySegment read = CLibrary.function("read");
  private final int descriptor;

  /** A watcher of nothing yet. */
  public Inotify() throws IOException {
    descriptor =
        CLibrary.call("make a file watcher", CLibrary.function("inotify_init1"), CLOSE_ON_EXEC);
  }

  /** From now on {@link #await} tells of that folder, by the number returned. */
  public int watch(Path folder) throws IOException {
    try (Arena call = Arena.ofConfined()) {
      return CLibrary.call(
          "watch " + folder,
          add,
          descriptor,
          call.allocateFrom(folder.toString()).address(),
          MODIFY | MOVED_TO | CREATE | ONLY_FOLDERS);
    }
  }

  /** Ends {@link #watch}; a folder that was removed has ended it already. */
  public void forget(int watch) {
    int _ = CLibrary.call(remove, descriptor, watch);
  }

  /** Waits until something happens; empty when events were lost, and any may have changed. */
  public Set<Integer> await() throws IOException {
    int length =
        CLibrary.call("read from a file watcher", read, descriptor, buffer.address(), BUFFER);
    Set<Integer> changed = new HashSet<>();
    long at = 0;
    while (at + EVENT_HEADER <= length) {
      if ((buffer.get(ValueLayout.JAVA_INT, at + 4) & OVERFLOW) != 0) {
        return Set.of();
      }
      changed.add(buffer.get(ValueLayout.JAVA_INT, at));
      at += EVENT_HEADER + buffer.get(ValueLayout.JAVA_INT, at + 12);
    }
    return changed;
  }

  /** To be called by the thread that awaits, or after it has ended. */
  @Override
  public void close() {
    Descriptors.close(descriptor);
    arena.close();
  }
}
