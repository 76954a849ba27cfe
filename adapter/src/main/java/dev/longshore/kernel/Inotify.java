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
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(BUFFER, Long.BYTES);
  private final MethodHandle add =
      handle("inotify_add_watch", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private final MethodHandle remove =
      handle("inotify_rm_watch", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  private final MethodHandle read =
      handle("read", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
  private final MethodHandle close = handle("close", ValueLayout.JAVA_INT);
  private final int descriptor;

  /** A watcher of nothing yet. */
  public Inotify() throws IOException {
    MethodHandle init = handle("inotify_init1", ValueLayout.JAVA_INT);
    descriptor = call("make a file watcher", init, CLOSE_ON_EXEC);
  }

  @SuppressWarnings("restricted") // Functions of the C library, with their true signatures.
  private static MethodHandle handle(String name, MemoryLayout... arguments) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /** From now on {@link #await} tells of that folder, by the number returned. */
  public int watch(Path folder) throws IOException {
    try (Arena call = Arena.ofConfined()) {
      return call(
          "watch " + folder,
          add,
          descriptor,
          call.allocateFrom(folder.toString()),
          MODIFY | MOVED_TO | CREATE | ONLY_FOLDERS);
    }
  }

  /** Ends {@link #watch}; a folder that was removed has ended it already. */
  public void forget(int watch) {
    try {
      int _ = call("end a watch", remove, descriptor, watch);
    } catch (IOException _) {
      // The kernel ends the watch of a folder that is removed.
    }
  }

  /** Waits until something happens; empty when events were lost, and any may have changed. */
  public Set<Integer> await() throws IOException {
    int length = call("read from a file watcher", read, descriptor, buffer, (long) BUFFER);
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
  public void close() throws IOException {
    int _ = call("close a file watcher", close, descriptor);
    arena.close();
  }

  private static int call(String what, MethodHandle function, Object... arguments)
      throws IOException {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment state = call.allocate(STATE);
      Object[] all = new Object[arguments.length + 1];
      all[0] = state;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      int result = (int) function.invokeWithArguments(all);
      if (result < 0) {
        throw new IOException(
            "cannot %s: error %d of errno(3)".formatted(what, (int) ERRNO.get(state, 0L)));
      }
      return result;
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("a function of the C library cannot be called", e);
    }
  }
}
