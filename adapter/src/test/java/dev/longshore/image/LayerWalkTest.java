package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.docker.EngineInfo;
import dev.longshore.kernel.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers in folders as Docker makes them. */
class LayerWalkTest {
  private static final int BLOCK = 4096;

  private final Path root;
  private final LayerWalk walk = new LayerWalk(() -> {});

  LayerWalkTest(@TempDir Path root) {
    this.root = root;
  }

  @BeforeEach
  void makeFolders() throws IOException {
    Files.createDirectories(root.resolve("overlay2/l"));
    layer("base");
    database("sha256/abc/cache-id", "base");
  }

  @Test
  void layersOfImagesAndOfContainersAreKeptApart() throws Exception {
    layer("init");
    layer("top");
    file("overlay2/top/diff/data", 100 * BLOCK);
    database("mounts/c1/mount-id", "top");
    database("mounts/c1/init-id", "init");

    LayerUse use = look();

    // overlay2, overlay2/l; layer, its diff, its file link, the file in diff.
    assertThat(use.images().inodes()).isEqualTo(2 + 4);
    assertThat(use.containers().inodes()).isEqualTo(4 + 4 + 1);
    assertThat(use.containers().bytes() - use.images().bytes()).isGreaterThan(99 * BLOCK);
    assertThat(use.root()).isEqualTo(root);
  }

  @Test
  void aCompleteLayerIsLookedAtOnce() throws Exception {
    long before = look().images().bytes();
    file("overlay2/base/diff/later", 10 * BLOCK);

    assertThat(look().images().bytes()).isEqualTo(before);
  }

  @Test
  void aLayerThatIsStillBeingWrittenIsLookedAtAgain() throws Exception {
    layer("growing");
    long before = look().images().bytes();
    file("overlay2/growing/diff/data", 10 * BLOCK);
    long grown = look().images().bytes();
    file("overlay2/growing/diff/more", 10 * BLOCK);

    assertThat(grown).isGreaterThan(before);
    assertThat(look().images().bytes()).isGreaterThan(grown);
  }

  @Test
  void aRemovedLayerCountsNoMore() throws Exception {
    layer("other");
    long both = look().images().inodes();
    for (String file : List.of("diff/file", "diff", "link", "")) {
      Files.delete(root.resolve("overlay2/other").resolve(file));
    }

    assertThat(look().images().inodes()).isEqualTo(both - 4);
  }

  @Test
  void whatIsMountedInALayerIsNotPartOfIt() throws Exception {
    long before = look().images().inodes();
    layer("running");
    file("overlay2/running/merged/all/of/it", BLOCK);
    List<MountInfo> mounts =
        List.of(
            new MountInfo(
                "0:9",
                "/",
                root + "/overlay2/running/merged",
                "overlay",
                "rw,lowerdir=x,upperdir=%s/overlay2/running/diff,workdir=y".formatted(root)));

    LayerUse use = look(engine("overlay2"), mounts).orElseThrow();

    assertThat(use.images().inodes()).isEqualTo(before);
    assertThat(use.containers().inodes()).isEqualTo(4 + 1);
  }

  @Test
  void snapshotsOfContainerdCountWithWhatWasPulled() throws Exception {
    String daemon = "containerd/daemon/";
    file(daemon + "io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/a", BLOCK);
    file(daemon + "io.containerd.content.v1.content/blobs/sha256/abc", 10 * BLOCK);

    LayerUse use = look(engine("overlayfs"), List.of()).orElseThrow();

    assertThat(use.root()).isEqualTo(root.resolve("containerd/daemon"));
    assertThat(use.images().inodes()).isEqualTo(1 + 3 + 4);
    assertThat(use.images().bytes()).isGreaterThanOrEqualTo(11 * BLOCK);
    assertThat(use.containers().inodes()).isZero();
  }

  @Test
  void theListOfSnapshotsTakesItsPlaceToo() throws Exception {
    file("containerd/daemon/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs/a", 1);
    long before = look(engine("overlayfs"), List.of()).orElseThrow().images().bytes();
    file("containerd/daemon/io.containerd.snapshotter.v1.overlayfs/metadata.db", 16 * BLOCK);

    assertThat(look(engine("overlayfs"), List.of()).orElseThrow().images().bytes())
        .isEqualTo(before + 16 * BLOCK);
  }

  @Test
  void aContainerdWithItsFolderElsewhereIsFoundByWhatItMounted() throws Exception {
    String elsewhere = "disk2/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs";
    file(elsewhere + "/a", BLOCK);
    List<MountInfo> mounts =
        List.of(
            new MountInfo(
                "0:9",
                "/",
                root + "/rootfs/overlayfs/c1",
                "overlay",
                "rw,lowerdir=x,upperdir=%s/%s,workdir=y".formatted(root, elsewhere)));

    LayerUse use = look(engine("overlayfs"), mounts).orElseThrow();

    assertThat(use.root()).isEqualTo(root.resolve("disk2"));
    assertThat(use.containers().inodes()).isEqualTo(3);
    assertThat(look(engine("native"), mounts)).isEmpty();
  }

  @Test
  void otherStorageDriversAreNotLookedAt() throws Exception {
    assertThat(look(engine("btrfs"), List.of())).isEmpty();
  }

  private LayerUse look() throws IOException, InterruptedException {
    return look(engine("overlay2"), List.of()).orElseThrow();
  }

  private Optional<LayerUse> look(EngineInfo engine, List<MountInfo> mounts)
      throws IOException, InterruptedException {
    Optional<LayerFolders> folders = LayerFolders.find(engine, mounts);
    return folders.isPresent()
        ? Optional.of(walk.look(folders.get(), Instant.EPOCH))
        : Optional.empty();
  }

  private void layer(String name) throws IOException {
    file("overlay2/" + name + "/diff/file", 1);
    file("overlay2/" + name + "/link", 26);
  }

  private void database(String file, String text) throws IOException {
    Path path = root.resolve("image/overlay2/layerdb").resolve(file);
    Files.createDirectories(path.resolveSibling(""));
    Files.writeString(path, text);
  }

  private void file(String name, int length) throws IOException {
    Path path = root.resolve(name);
    Files.createDirectories(path.resolveSibling(""));
    Files.write(path, new byte[length]);
  }

  private EngineInfo engine(String storageDriver) {
    return new EngineInfo(
        "28.5.1",
        "1.51",
        "1.51",
        "systemd",
        2,
        root.toString(),
        storageDriver,
        "json-file",
        "runc",
        List.of("runc"),
        List.of(),
        false,
        Set.of(),
        Map.of(),
        List.of());
  }
}
