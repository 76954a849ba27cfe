package dev.longshore.image;

import dev.longshore.kernel.FileStat;
import dev.longshore.kernel.TreeUse;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at layers on disk, and remembers those that never change: of images, each is walked once. A
 * layer of which nobody says that it is complete counts as such when two looks found the same. One
 * thread.
 */
final class LayerWalk {
  private static final String MERGED = "merged";

  private final TreeUse.Pace pace;
  private Map<Path, Seen> known = Map.of();

  LayerWalk(TreeUse.Pace pace) {
    this.pace = pace;
  }

  LayerUse look(LayerFolders folders, Instant now) throws IOException, InterruptedException {
    Sum images = new Sum();
    Sum containers = new Sum();
    Map<Path, Seen> next = new HashMap<>();
    images.add(file(folders.parent()));
    for (Path other : folders.others()) {
      images.add(any(other));
    }
    for (Path layer : folders.layers()) {
      if (folders.containers().contains(layer)) {
        containers.add(layer(layer));
      } else {
        Seen seen = seen(layer, folders.complete().contains(layer));
        images.add(seen.use);
        next.put(layer, seen);
      }
    }
    known = next;
    return new LayerUse(now, folders.root(), images.use(), containers.use());
  }

  private Seen seen(Path layer, boolean complete) throws IOException, InterruptedException {
    Optional<Seen> before = Optional.ofNullable(known.get(layer));
    if (before.isPresent() && before.get().complete) {
      return before.get();
    }
    TreeUse use = layer(layer);
    return new Seen(use, complete || before.filter(b -> b.use.equals(use)).isPresent());
  }

  /** Without what is mounted in it while its container runs. */
  private TreeUse layer(Path layer) throws IOException, InterruptedException {
    Sum sum = new Sum();
    sum.add(file(layer));
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(layer)) {
      for (Path entry : entries) {
        boolean merged = entry.getFileName().toString().equals(MERGED);
        sum.add(merged ? file(entry) : any(entry));
      }
    } catch (NoSuchFileException | DirectoryIteratorException e) {
      // It has been removed meanwhile.
    }
    return sum.use();
  }

  private TreeUse any(Path entry) throws IOException, InterruptedException {
    return Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) ? tree(entry) : file(entry);
  }

  private TreeUse tree(Path folder) throws IOException, InterruptedException {
    try {
      return TreeUse.of(folder, pace);
    } catch (NoSuchFileException e) {
      return new TreeUse(0, 0);
    }
  }

  private TreeUse file(Path file) throws IOException, InterruptedException {
    pace.step();
    return FileStat.of(file)
        .map(stat -> new TreeUse(stat.diskBytes(), 1))
        .orElse(new TreeUse(0, 0));
  }

  private record Seen(TreeUse use, boolean complete) {}

  private static final class Sum {
    private long bytes;
    private long inodes;

    void add(TreeUse use) {
      bytes += use.bytes();
      inodes += use.inodes();
    }

    TreeUse use() {
      return new TreeUse(bytes, inodes);
    }
  }
}
