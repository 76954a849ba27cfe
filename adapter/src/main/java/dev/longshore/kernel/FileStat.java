package dev.longshore.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What statx(2) says of a file: unlike Java's attributes, how much disk it takes. Links are not
 * followed.
 *
 * @param device {@code major:minor} of the file system
 * @param diskBytes blocks that are allocated, which is less than the size for files with holes
 */
public record FileStat(String device, long inode, long links, boolean directory, long diskBytes) {
  private static final int AT_FDCWD = -100;
  // Symbolic links are not followed, and no server is asked for files that are away.
  private static final int FLAGS = 0x100 | 0x4000;
  private static final int BASIC = 0x7ff;
  private static final long SIZE = 256;
  private static final long BLOCK = 512;

  // struct statx, the same on all 64-bit machines (linux/stat.h).
  private static final long LINKS = 16;
  private static final long MODE = 28;
  private static final long INODE = 32;
  private static final long BLOCKS = 48;
  private static final long MAJOR = 136;
  private static final long MINOR = 140;
  private static final int TYPE_MASK = 0xf000;
  private static final int TYPE_DIRECTORY = 0x4000;

  // Absent before glibc 2.28.
  private static final Optional<MemorySegment> STATX = CLibrary.find("statx");

  /** Empty when there is no such file, or the C library is too old to be asked. */
  public static Optional<FileStat> of(Path path) {
    if (STATX.isEmpty()) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(SIZE, Long.BYTES);
      long name = arena.allocateFrom(path.toString()).address();
      int result = CLibrary.answer(STATX.get(), AT_FDCWD, name, FLAGS, BASIC, stat.address());
      return result == 0 ? Optional.of(read(stat)) : Optional.empty();
    }
  }

  private static FileStat read(MemorySegment stat) {
    return new FileStat(
        stat.get(ValueLayout.JAVA_INT, MAJOR) + ":" + stat.get(ValueLayout.JAVA_INT, MINOR),
        stat.get(ValueLayout.JAVA_LONG, INODE),
        Integer.toUnsignedLong(stat.get(ValueLayout.JAVA_INT, LINKS)),
        (stat.get(ValueLayout.JAVA_SHORT, MODE) & TYPE_MASK) == TYPE_DIRECTORY,
        stat.get(ValueLayout.JAVA_LONG, BLOCKS) * BLOCK);
  }
}
