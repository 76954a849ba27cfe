package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Puts the layers of an image together in one folder, read-only. For one thread at a time and
 * folder.
 */
public interface LayerMounts {
  /**
   * Mounts at {@code folder}, an empty one, a file system that has the image's content in its
   * folder {@link #CONTENT} and nothing else in it: who does not see the mount has no such folder,
   * rather than an empty one.
   *
   * @param layers folders of this host, the uppermost first
   * @return the folder of the content
   * @throws IOException when the kernel refuses; nothing is mounted then
   */
  Path mount(List<Path> layers, Path folder) throws IOException;

  /**
   * Whether {@link #mount} was called with that and stands: false for other layers as well as for
   * no mount at all.
   */
  boolean isMounted(List<Path> layers, Path folder);

  /**
   * Takes what is mounted at {@code folder} away; users of it keep what they have. Nothing mounted
   * is no failure.
   */
  void unmount(Path folder) throws IOException;

  /** Where, in the folder of a mount, the image's content is. */
  String CONTENT = "content";
}
