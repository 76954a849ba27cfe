package dev.longshore.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A small file of the kernel's that is read again and again: it stays open, which makes a reading
 * ten times cheaper, and its text is parsed only when it has changed. What was not there at first
 * is not looked for again. One call at a time.
 *
 * <p>The kernel holds some 4 KiB for each; beyond {@value #MOST_OPEN} of them, files are opened for
 * each reading.
 */
final class KeptFile<T> implements AutoCloseable {
  static final int MOST_OPEN = 4096;

  private static final AtomicInteger OPEN_FILES = new AtomicInteger();
  private static final int NEVER_OPENED = -1;
  private static final int ABSENT = -2;

  private final Path path;
  private final Function<String, T> parser;
  private int descriptor = NEVER_OPENED;
  private byte[] text = {};
  private Optional<T> value = Optional.empty();

  /** {@code parser} takes whatever the file may hold. */
  KeptFile(Path path, Function<String, T> parser) {
    this.path = path;
    this.parser = parser;
  }

  /**
   * What the file says now; empty when there is no such file, or what it tells of is gone.
   *
   * @param buffer of {@link Descriptors#BUFFER} bytes, overwritten
   */
  Optional<T> read(MemorySegment buffer) {
    if (descriptor == NEVER_OPENED) {
      open();
    }
    if (descriptor == ABSENT) {
      return Optional.empty();
    }
    int length = Descriptors.read(descriptor, buffer);
    if (OPEN_FILES.get() > MOST_OPEN) {
      close();
    }
    return length < 0 ? Optional.empty() : parse(buffer.asSlice(0, length));
  }

  private Optional<T> parse(MemorySegment now) {
    if (value.isEmpty() || now.mismatch(MemorySegment.ofArray(text)) >= 0) {
      text = now.toArray(ValueLayout.JAVA_BYTE);
      value = Optional.of(parser.apply(new String(text, StandardCharsets.ISO_8859_1)));
    }
    return value;
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
