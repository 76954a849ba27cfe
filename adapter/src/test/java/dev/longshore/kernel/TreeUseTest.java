package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeUseTest {
  private static final long MIB = 1 << 20;

  @TempDir Path root;
  private Path tree;
  private TreeUse empty;

  @BeforeEach
  void start() throws Exception {
    tree = Files.createDirectory(root.resolve("tree"));
    empty = use();
  }

  @Test
  void anEmptyFolderIsOneInode() {
    assertThat(empty.inodes()).isEqualTo(1);
  }

  @Test
  void filesAndFoldersOfAllDepthsCount() throws Exception {
    fill(tree.resolve("a"), MIB);
    Path deep = Files.createDirectories(tree.resolve("b/c/d"));
    fill(deep.resolve("e"), MIB);

    TreeUse use = use();

    assertThat(use.inodes()).isEqualTo(6);
    assertThat(use.bytes() - empty.bytes()).isBetween(2 * MIB, 2 * MIB + 100_000);
  }

  @Test
  void aFileWithSeveralNamesCountsOnce() throws Exception {
    fill(tree.resolve("a"), MIB);
    Files.createLink(tree.resolve("b"), tree.resolve("a"));
    Files.createDirectory(tree.resolve("c"));
    Files.createLink(tree.resolve("c/d"), tree.resolve("a"));

    assertThat(use().inodes()).isEqualTo(3);
    assertThat(use().bytes() - empty.bytes()).isLessThan(MIB + 100_000);
  }

  @Test
  void holesTakeNoDisk() throws Exception {
    try (var file = new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
      file.setLength(1000 * MIB);
    }

    assertThat(use().bytes() - empty.bytes()).isLessThan(MIB);
  }

  @Test
  void symbolicLinksAreNotFollowed() throws Exception {
    Path outside = Files.createDirectory(root.resolve("outside"));
    fill(outside.resolve("big"), MIB);
    Files.createSymbolicLink(tree.resolve("link"), outside);

    assertThat(use().inodes()).isEqualTo(2);
    assertThat(use().bytes() - empty.bytes()).isLessThan(100_000);
  }

  @Test
  void aFolderThatTurnsIntoALinkMeanwhileIsNotFollowed() throws Exception {
    Path outside = Files.createDirectory(root.resolve("outside"));
    fill(outside.resolve("big"), MIB);
    Path folder = Files.createDirectory(tree.resolve("folder"));

    TreeUse use =
        TreeUse.of(
            tree,
            () -> {
              if (Files.isDirectory(folder)) {
                Files.delete(folder);
                Files.createSymbolicLink(folder, outside);
              }
            });

    assertThat(use.inodes()).isEqualTo(2);
  }

  @Test
  void aFolderThatIsNotThereIsSaidToBeSo() {
    assertThatThrownBy(() -> TreeUse.of(root.resolve("none"), () -> {}))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void thePaceIsAskedForEachFileAndMayGiveUp() throws Exception {
    fill(tree.resolve("a"), 1);
    fill(tree.resolve("b"), 1);

    assertThatThrownBy(
            () ->
                TreeUse.of(
                    tree,
                    () -> {
                      throw new IOException("enough");
                    }))
        .hasMessage("enough");
  }

  private TreeUse use() throws IOException, InterruptedException {
    return TreeUse.of(tree, () -> {});
  }

  private static void fill(Path file, long bytes) throws IOException {
    Files.write(file, new byte[(int) bytes]);
  }
}
