package dev.longshore.checkpoint;

import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.FileFailures;
import dev.longshore.common.KeyedLocks;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The records of all sandboxes: one file each, written beside and renamed, folder synced. Reads
 * come from memory. Thread-safe; writes of different sandboxes do not wait for each other.
 */
public final class SandboxRecords {
  private static final Logger log = LoggerFactory.getLogger(SandboxRecords.class);
  private static final String SET_ASIDE = ".unreadable";

  private final Path folder;
  private final ConcurrentHashMap<ContainerId, SandboxRecord> records = new ConcurrentHashMap<>();
  private final AtomicLong changes = new AtomicLong();
  private final KeyedLocks<ContainerId> writing = new KeyedLocks<>("record of sandbox");

  private SandboxRecords(Path folder) {
    this.folder = folder;
  }

  /**
   * Reads the folder, made if missing; unreadable files are logged and set aside as {@code
   * <name>.unreadable}. UNAVAILABLE when the folder itself cannot be made or listed.
   */
  public static SandboxRecords open(Path folder) {
    SandboxRecords records = new SandboxRecords(folder);
    try {
      DurableFiles.makeFolder(folder);
      for (Path file : listed(folder)) {
        records.load(file);
      }
    } catch (IOException e) {
      throw new CriException(
          Kind.UNAVAILABLE,
          "cannot read the sandbox records in %s: %s; the folder must be writable for root"
              .formatted(folder, FileFailures.reason(e)),
          e);
    }
    return records;
  }

  /** Stores a record durably. UNAVAILABLE, naming the file, when the disk refuses. */
  public void put(SandboxRecord sandbox) {
    Path file = file(sandbox.id());
    try (var _ = writing.lock(sandbox.id(), Deadline.never())) {
      DurableFiles.replace(file, SandboxRecordCodec.write(sandbox));
      records.put(sandbox.id(), sandbox);
      changes.incrementAndGet();
    } catch (IOException e) {
      throw refused("write", sandbox.id(), file, e);
    }
  }

  public Optional<SandboxRecord> find(ContainerId id) {
    return Optional.ofNullable(records.get(id));
  }

  /** Grows after each change of a record, so that whoever keeps what it read can tell. */
  public long changes() {
    return changes.get();
  }

  /** All records at this moment, in no order. */
  public Collection<SandboxRecord> all() {
    return List.copyOf(records.values());
  }

  /**
   * Whether this sandbox is ready: Docker says that it runs, and its network, if it has one of its
   * own, is attached.
   */
  public boolean ready(EngineContainer sandbox) {
    return sandbox.state() instanceof EngineState.Running
        && (sandbox.host().networkMode().equals("host")
            || find(sandbox.id()).filter(r -> r.phase() == Phase.READY).isPresent());
  }

  /**
   * Forgets a record; an unknown one is left alone. UNAVAILABLE, naming the file, when the disk
   * refuses.
   */
  public void remove(ContainerId id) {
    Path file = file(id);
    try (var _ = writing.lock(id, Deadline.never())) {
      DurableFiles.delete(file);
      records.remove(id);
      changes.incrementAndGet();
    } catch (IOException e) {
      throw refused("remove", id, file, e);
    }
  }

  private Path file(ContainerId id) {
    return folder.resolve(id.value());
  }

  private void load(Path file) {
    String name = file.getFileName().toString();
    if (DurableFiles.isLeftover(file)) {
      DurableFiles.deleteQuietly(file);
      return;
    }
    if (!ContainerId.isWellFormed(name)) {
      return;
    }
    try {
      SandboxRecord sandbox = SandboxRecordCodec.read(Files.readAllBytes(file));
      if (!sandbox.id().value().equals(name)) {
        throw new IOException("it describes sandbox " + sandbox.id());
      }
      records.put(sandbox.id(), sandbox);
      changes.incrementAndGet();
    } catch (IOException e) {
      setAside(file, e);
    }
  }

  private static void setAside(Path file, IOException why) {
    Path aside = file.resolveSibling(file.getFileName() + SET_ASIDE);
    String outcome;
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
      outcome = "kept as " + aside;
    } catch (IOException e) {
      outcome = "left there, since it cannot be renamed: " + FileFailures.reason(e);
    }
    log.warn(
        "the record {} is unreadable and passed over, {}: {}; what it held is looked up again",
        file,
        outcome,
        FileFailures.reason(why));
  }

  private static CriException refused(String verb, ContainerId id, Path file, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new CriException(
          Kind.CANCELLED,
          "the caller went away while the record of sandbox " + id + " was kept",
          e);
    }
    return new CriException(
        Kind.UNAVAILABLE,
        "cannot %s the record of sandbox %s, %s: %s; free space or repair the file system, then try"
                .formatted(verb, id, file, FileFailures.reason(e))
            + " again",
        e);
  }

  private static List<Path> listed(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
