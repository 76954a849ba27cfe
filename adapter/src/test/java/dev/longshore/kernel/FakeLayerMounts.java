package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Mounts that are copies. */
public final class FakeLayerMounts implements LayerMounts {
  private final Map<Path, List<Path>> mounted = new ConcurrentHashMap<>();
  private volatile @Nullable IOException refusal;

  /** The folders at which something is mounted. */
  public Set<Path> mounted() {
    return Set.copyOf(mounted.keySet());
  }

  /** From now on every mount fails so. */
  public void refuse(IOException failure) {
    refusal = failure;
  }

  @Override
  public Path mount(List<Path> layers, Path folder) throws IOException {
    IOException failure = refusal;
    if (failure != null) {
      throw failure;
    }
    Path content = Files.createDirectory(folder.resolve(CONTENT));
    for (Path layer : layers.reversed()) {
      try (Stream<Path> files = Files.walk(layer)) {
        for (Path file : files.filter(f -> !f.equals(layer)).sorted().toList()) {
          Path copy = content.resolve(layer.relativize(file).toString());
          if (Files.isSymbolicLink(file)) {
            Files.createSymbolicLink(copy, Files.readSymbolicLink(file));
          } else if (!Files.isDirectory(copy)) {
            Files.copy(file, copy);
          }
        }
      }
    }
    mounted.put(folder, List.copyOf(layers));
    return content;
  }

  @Override
  public boolean isMounted(List<Path> layers, Path folder) {
    return layers.equals(mounted.get(folder));
  }

  @Override
  public void unmount(Path folder) throws IOException {
    mounted.remove(folder);
    Path content = folder.resolve(CONTENT);
    try (Stream<Path> files = Files.walk(content)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (NoSuchFileException _) {
      // Nothing was mounted.
    }
  }
}
