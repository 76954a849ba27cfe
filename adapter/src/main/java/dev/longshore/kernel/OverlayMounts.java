package dev.longshore.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Layers put together by overlayfs (Documentation/filesystems/overlayfs.rst), without a layer for
 * writing, in a tmpfs of a few inodes. Calls mount(2) and umount2(2); needs CAP_SYS_ADMIN and
 * {@code --enable-native-access}.
 */
public final class OverlayMounts implements LayerMounts {
  private static final long READ_ONLY = 1;
  private static final long NO_DEVICES = 4;
  private static final int DETACH = 2;
  private static final int NOT_MOUNTED = -22;
  private static final int NOT_THERE = -2;

  /** What mount(2) takes of options: a page, with the zero at the end. */
  private static final int MOST_OPTIONS = 4095;

  /** Its owner may do all, the others may pass through: containers in user namespaces are such. */
  private static final String FEW_INODES = "size=16k,nr_inodes=8,mode=711";

  private static final String EMPTY = "empty";

  private final Processes processes;

  /** {@code processes} of the procfs that this process is in. */
  public OverlayMounts(Processes processes) {
    this.processes = processes;
  }

  @Override
  public Path mount(List<Path> layers, Path folder) throws IOException {
    String options = options(layers, folder);
    if (options.length() > MOST_OPTIONS) {
      throw new IOException(
          "the names of its %d layers take %d bytes, and the kernel takes at most %d"
              .formatted(layers.size(), options.length(), MOST_OPTIONS));
    }
    mount("tmpfs", folder, NO_DEVICES, FEW_INODES);
    try {
      Path content = Files.createDirectory(folder.resolve(CONTENT));
      Path _ = Files.createDirectory(folder.resolve(EMPTY));
      mount("overlay", content, READ_ONLY | NO_DEVICES, options);
      return content;
    } catch (IOException e) {
      unmount(folder);
      throw e;
    }
  }

  @Override
  public boolean isMounted(List<Path> layers, Path folder) {
    String options = options(layers, folder);
    String content = folder.resolve(CONTENT).toString();
    return processes.ownMounts().stream()
        .anyMatch(
            mount ->
                mount.mountPoint().equals(content)
                    && Stream.of(mount.options().split(",", -1)).anyMatch(options::equals));
  }

  @Override
  public void unmount(Path folder) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocateFrom(folder.toString());
      int result = CLibrary.call(Calls.UMOUNT, target.address(), DETACH);
      if (result < 0 && result != NOT_MOUNTED && result != NOT_THERE) {
        throw new IOException("cannot unmount %s: error %d of errno(3)".formatted(folder, -result));
      }
    }
  }

  // The empty one is the lowest: without a layer for writing the kernel wants two at least.
  private static String options(List<Path> layers, Path folder) {
    return Stream.concat(layers.stream(), Stream.of(folder.resolve(EMPTY)))
        .map(Path::toString)
        .collect(Collectors.joining(":", "lowerdir=", ""));
  }

  private static void mount(String type, Path target, long flags, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int _ =
          CLibrary.call(
              "mount %s at %s".formatted(type, target),
              Calls.MOUNT,
              arena.allocateFrom("longshore").address(),
              arena.allocateFrom(target.toString()).address(),
              arena.allocateFrom(type).address(),
              flags,
              arena.allocateFrom(options).address());
    }
  }

  /** Bound when the first image is mounted, which on most nodes is never. */
  private static final class Calls {
    static final MemorySegment MOUNT = CLibrary.function("mount");
    static final MemorySegment UMOUNT = CLibrary.function("umount2");

    private Calls() {}
  }
}
