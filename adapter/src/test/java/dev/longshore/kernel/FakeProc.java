package dev.longshore.kernel;

import dev.longshore.common.ContainerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** A procfs made of files; SIGKILL removes a process, SIGSTOP only reports. */
public final class FakeProc {
  private final Path root;
  private final List<String> signals = new ArrayList<>();
  private IntConsumer onStop = _ -> {};

  public FakeProc(Path root) {
    this.root = root;
  }

  /** A process of a container, the leader of no session. */
  public void add(int pid, int parent, int group, int session, ContainerId container) {
    write(pid, "stat", stat(pid, 'S', parent, group, session, pid * 10L));
    write(pid, "cgroup", "4:memory:/kubepods/pod1/%s\n0::/\n".formatted(container));
  }

  public void state(int pid, char state) {
    write(pid, "stat", stat(pid, state, 1, pid, pid, pid * 10L));
  }

  /** The pid now belongs to another process. */
  public void reuse(int pid) {
    write(pid, "stat", stat(pid, 'S', 1, pid, pid, pid * 10L + 1));
  }

  public void pipe(int pid, String descriptor, long inode) {
    try {
      Path fd = Files.createDirectories(root.resolve(Integer.toString(pid)).resolve("fd"));
      Files.createSymbolicLink(fd.resolve(descriptor), Path.of("pipe:[" + inode + "]"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a process still does before a stop reaches it, such as to fork. */
  public void onStop(IntConsumer action) {
    onStop = action;
  }

  public boolean send(int pid, int signal) {
    signals.add(signal + " " + pid);
    if (signal == 19) {
      onStop.accept(pid);
    } else {
      remove(pid);
    }
    return true;
  }

  public List<String> signals() {
    return signals;
  }

  public void remove(int pid) {
    Path folder = root.resolve(Integer.toString(pid));
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String stat(int pid, char state, int parent, int group, int session, long start) {
    return "%d (a (b) c) %c %d %d %d 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 %d 1 2 3\n"
        .formatted(pid, state, parent, group, session, start);
  }

  private void write(int pid, String file, String text) {
    try {
      Path folder = Files.createDirectories(root.resolve(Integer.toString(pid)));
      Files.writeString(folder.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
