package dev.longshore.kernel;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The network that a process is in, by the process's folder in procfs, which is held open: it stays
 * that of this process when its pid is given to another. The network itself is not held, so that it
 * can go. One call at a time.
 */
public final class ProcessNetwork implements AutoCloseable {
  private static final int CLOSED = -1;

  private int folder;

  private ProcessNetwork(int folder) {
    this.folder = folder;
  }

  /** Empty unless the process has a cgroup named for {@code owner}. */
  static Optional<ProcessNetwork> open(Path process, String owner) {
    int folder = Descriptors.openPlace(process.toString());
    if (folder < 0) {
      return Optional.empty();
    }
    if (Descriptors.readAt(folder, "cgroup").filter(text -> text.contains(owner)).isEmpty()) {
      Descriptors.close(folder);
      return Optional.empty();
    }
    return Optional.of(new ProcessNetwork(folder));
  }

  /** Its interfaces and their traffic now; none when the process is gone. */
  public List<InterfaceUse> interfaces() {
    return folder == CLOSED
        ? List.of()
        : Descriptors.readAt(folder, "net/dev").map(InterfaceUse::parse).orElse(List.of());
  }

  @Override
  public void close() {
    if (folder != CLOSED) {
      Descriptors.close(folder);
      folder = CLOSED;
    }
  }
}
