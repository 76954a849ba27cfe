package dev.longshore.image;

import dev.longshore.docker.EngineInfo;
import dev.longshore.kernel.MountInfo;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where Docker has the layers of its images and containers, which it keeps in one folder: those of
 * overlay2, or the snapshots of containerd, with what was pulled beside them.
 *
 * @param root what holds all of them, on the same disk
 * @param others what belongs to images and is no layer
 * @param parent of the layers
 * @param layers one folder each
 * @param containers those among them that are of containers, and change
 * @param complete those among them that never change again, as far as that is known
 */
record LayerFolders(
    Path root,
    List<Path> others,
    Path parent,
    List<Path> layers,
    Set<Path> containers,
    Set<Path> complete) {
  private static final String OVERLAY2 = "overlay2";
  private static final String UPPER = "upperdir=";
  private static final String SNAPSHOTS = "snapshots";
  private static final String SNAPSHOTTER = "io.containerd.snapshotter.v1.";
  private static final Path USUAL_CONTAINERD = Path.of("/var/lib/containerd");

  /**
   * Empty for storage drivers that keep no layers in folders, and where the folders are not to be
   * seen.
   *
   * @param mounts of this host, which show the layers of running containers
   */
  static Optional<LayerFolders> find(EngineInfo docker, List<MountInfo> mounts) throws IOException {
    Optional<Path> snapshotter = snapshotter(docker, mounts);
    if (snapshotter.isPresent()) {
      return Optional.of(snapshots(snapshotter.get(), mounts));
    }
    Path root = Path.of(docker.rootDir());
    return docker.storageDriver().equals(OVERLAY2) && Files.isDirectory(root.resolve(OVERLAY2))
        ? Optional.of(overlay2(root, mounts))
        : Optional.empty();
  }

  /** What holds the layers, as far as that can be seen; else Docker's own root folder. */
  static Path root(EngineInfo docker, List<MountInfo> mounts) {
    return snapshotter(docker, mounts)
        .map(snapshotter -> snapshotter.resolveSibling(""))
        .orElse(Path.of(docker.rootDir()));
  }

  /** The folder of containerd's part that has the layers, where Docker leaves them to it. */
  private static Optional<Path> snapshotter(EngineInfo docker, List<MountInfo> mounts) {
    Path root = Path.of(docker.rootDir());
    String name = SNAPSHOTTER + docker.storageDriver();
    return Stream.concat(
            Stream.of(root.resolve("containerd/daemon"), USUAL_CONTAINERD)
                .map(containerd -> containerd.resolve(name)),
            elsewhere(name, mounts))
        .filter(folder -> Files.isDirectory(folder.resolve(SNAPSHOTS)))
        .findFirst();
  }

  /** The snapshotters of that name with snapshots that are mounted. */
  private static Stream<Path> elsewhere(String name, List<MountInfo> mounts) {
    // …/<name>/snapshots/<snapshot>/fs
    return uppers(mounts)
        .map(upper -> upper.resolve("../../..").normalize())
        .filter(folder -> folder.endsWith(name));
  }

  private static LayerFolders overlay2(Path root, List<MountInfo> mounts) throws IOException {
    Path parent = root.resolve(OVERLAY2);
    Path links = parent.resolve("l");
    Path database = root.resolve("image").resolve(OVERLAY2).resolve("layerdb");
    Set<Path> containers = mounted(parent, mounts);
    for (Path container : entries(database.resolve("mounts"))) {
      named(container.resolve("mount-id"), parent).ifPresent(containers::add);
      named(container.resolve("init-id"), parent).ifPresent(containers::add);
    }
    Set<Path> complete = new HashSet<>();
    for (Path layer : entries(database.resolve("sha256"))) {
      named(layer.resolve("cache-id"), parent).ifPresent(complete::add);
    }
    List<Path> layers = entries(parent).stream().filter(layer -> !layer.equals(links)).toList();
    return new LayerFolders(root, List.of(links), parent, layers, containers, complete);
  }

  private static LayerFolders snapshots(Path snapshotter, List<MountInfo> mounts)
      throws IOException {
    Path root = snapshotter.resolveSibling("");
    Path parent = snapshotter.resolve(SNAPSHOTS);
    return new LayerFolders(
        root,
        List.of(
            root.resolve("io.containerd.content.v1.content"), snapshotter.resolve("metadata.db")),
        parent,
        entries(parent),
        mounted(parent, mounts),
        Set.of());
  }

  /** The layers that containers write to now. */
  private static Set<Path> mounted(Path parent, List<MountInfo> mounts) {
    Set<Path> found = new HashSet<>();
    uppers(mounts)
        .filter(upper -> upper.startsWith(parent))
        .forEach(upper -> found.add(parent.resolve(parent.relativize(upper).getName(0))));
    return found;
  }

  private static Stream<Path> uppers(List<MountInfo> mounts) {
    return mounts.stream()
        .filter(mount -> mount.type().equals("overlay"))
        .flatMap(mount -> Stream.of(mount.options().split(",", -1)))
        .filter(option -> option.startsWith(UPPER))
        .map(option -> Path.of(option.substring(UPPER.length())));
  }

  private static Optional<Path> named(Path file, Path parent) throws IOException {
    try {
      return Optional.of(parent.resolve(Files.readString(file).strip()));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(found::add);
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return found;
  }
}
