package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * How full a file system is, as statvfs(3) says: one system call, no walk.
 *
 * @param totalBytes its size
 * @param usedBytes what is allocated, the part reserved for root not counted as used
 * @param inodesUsed of {@code inodesTotal}; both are empty on file systems that do not count
 *     inodes, such as btrfs
 */
public record FilesystemUse(
    long totalBytes, long usedBytes, OptionalLong inodesUsed, OptionalLong inodesTotal) {
  // struct statvfs of 64-bit Linux, glibc and musl alike: words of 8 bytes in this order.
  private static final long WORD = ValueLayout.JAVA_LONG.byteSize();
  private static final long FRAGMENT_SIZE = 1 * WORD;
  private static final long BLOCKS = 2 * WORD;
  private static final long BLOCKS_FREE = 3 * WORD;
  private static final long FILES = 5 * WORD;
  private static final long FILES_FREE = 6 * WORD;
  private static final long STRUCT_SIZE = 256;

  private static final MemorySegment STATVFS = CLibrary.function("statvfs");

  /**
   * The file system that holds {@code path}.
   *
   * @throws IOException when the path does not exist or may not be reached
   */
  public static FilesystemUse of(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(STRUCT_SIZE, WORD);
      int _ =
          CLibrary.call(
              "look at the file system of " + path,
              STATVFS,
              arena.allocateFrom(path.toString()).address(),
              answer.address());
      long fragment = answer.get(ValueLayout.JAVA_LONG, FRAGMENT_SIZE);
      long blocks = answer.get(ValueLayout.JAVA_LONG, BLOCKS);
      long free = answer.get(ValueLayout.JAVA_LONG, BLOCKS_FREE);
      long files = answer.get(ValueLayout.JAVA_LONG, FILES);
      long filesFree = answer.get(ValueLayout.JAVA_LONG, FILES_FREE);
      return new FilesystemUse(
          blocks * fragment,
          (blocks - free) * fragment,
          files > 0 ? OptionalLong.of(files - filesFree) : OptionalLong.empty(),
          files > 0 ? OptionalLong.of(files) : OptionalLong.empty());
    }
  }
}
