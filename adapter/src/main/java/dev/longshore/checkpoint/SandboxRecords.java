package dev.longshore.checkpoint;

import dev.longshore.common.ContainerId;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/**
 * The records of all sandboxes: one file each, written beside and renamed, folder synced. Reads
 * come from memory. Thread-safe; writes of different sandboxes do not wait for each other.
 */
public final class SandboxRecords {
  /** Reads the folder, made if missing; unreadable files are logged and set aside. */
  public static SandboxRecords open(Path folder) {
    throw new UnsupportedOperationException();
  }

  /** Stores a record durably. UNAVAILABLE, naming the file, when the disk refuses. */
  public void put(SandboxRecord sandbox) {
    throw new UnsupportedOperationException();
  }

  public Optional<SandboxRecord> find(ContainerId id) {
    throw new UnsupportedOperationException();
  }

  public Collection<SandboxRecord> all() {
    throw new UnsupportedOperationException();
  }

  /** Forgets a record; an unknown one is left alone. */
  public void remove(ContainerId id) {
    throw new UnsupportedOperationException();
  }
}
