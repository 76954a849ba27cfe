package dev.longshore.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A small file of the kernel's that is read again and again: it stays open, which makes a reading
 * ten times cheaper. What was not there at first is not looked for again. One call at a time.
 *
 * <p>The kernel holds some 4 KiB for each; beyond {@value #MOST_OPEN} of them, files are opened for
 * each reading.
 */
final class KeptFile implements AutoCloseable {
  static final int MOST_OPEN = 4096;

  private static final AtomicInteger OPEN_FILES = new AtomicInteger();
  private static final int NEVER_OPENED = -1;
  private static final int ABSENT = -2;

  private final Path path;
  private int descriptor = NEVER_OPENED;

  KeptFile(Path path) {
    this.path = path;
  }

  /**
   * The text now; empty when there is no such file, or what it tells of is gone.
   *
   * @param buffer as of {@link Descriptors#read}
   */
  Optional<String> read(MemorySegment buffer) {
    if (descriptor == NEVER_OPENED) {
      open();
    }
    if (descriptor == ABSENT) {
      return Optional.empty();
    }
    Optional<String> text = Descriptors.read(descriptor, buffer);
    if (OPEN_FILES.get() > MOST_OPEN) {
      close();
    }
    return text;
  }

  /** Closes the file; the next reading opens it again. */
  @Override
  public void close() {
    if (descriptor >= 0) {
      Descriptors.close(descriptor);
      OPEN_FILES.decrementAndGet();
      descriptor = NEVER_OPENED;
    }
  }

  private void open() {
    int opened = Descriptors.open(path.toString());
    if (opened < 0) {
      descriptor = ABSENT;
    } else {
      descriptor = opened;
      OPEN_FILES.incrementAndGet();
    }
  }
}
