package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WatchPointsTest {
  private final WatchPoints points = new WatchPoints();
  private final Path root;

  WatchPointsTest(@TempDir Path folder) throws IOException {
    root = folder.toRealPath();
  }

  @BeforeEach
  void folders() throws IOException {
    Files.createDirectories(root.resolve("etc/cni"));
  }

  @Test
  void aFolderIsWatchedAsAWholeAndTheWayToItByName() {
    points.addFolder(root.resolve("etc/cni"));
    assertThat(points.concern(root.resolve("etc/cni"), "anything")).isTrue();
    assertThat(points.concern(root.resolve("etc"), "cni")).isTrue();
    assertThat(points.concern(root.resolve("etc"), "other")).isFalse();
    assertThat(points.folders()).contains(root, root.resolve("etc"), Path.of("/"));
  }

  @Test
  void aFolderThatIsMissingIsAwaitedWhereItsWayEnds() {
    points.addFolder(root.resolve("etc/cni/net.d/deep"));
    assertThat(points.concern(root.resolve("etc/cni"), "net.d")).isTrue();
    assertThat(points.concern(root.resolve("etc/cni"), "other")).isFalse();
    assertThat(points.folders()).doesNotContain(root.resolve("etc/cni/net.d"));
  }

  @Test
  void aLinkIsWatchedAndSoIsWhatItLeadsTo() throws Exception {
    Files.createDirectories(root.resolve("data/v1"));
    Files.createSymbolicLink(root.resolve("current"), Path.of("data/../data/v1"));
    Files.createSymbolicLink(root.resolve("etc/cni/a.conf"), root.resolve("current/a.conf"));
    points.addFile(root.resolve("etc/cni/a.conf"));
    assertThat(points.concern(root.resolve("etc/cni"), "a.conf")).isTrue();
    assertThat(points.concern(root, "current")).isTrue();
    assertThat(points.concern(root.resolve("data"), "v1")).isTrue();
    assertThat(points.concern(root.resolve("data/v1"), "a.conf")).isTrue();
    assertThat(points.concern(root.resolve("data/v1"), "b.conf")).isFalse();
  }

  @Test
  void linksInACircleEnd() throws Exception {
    Files.createSymbolicLink(root.resolve("x"), Path.of("y"));
    Files.createSymbolicLink(root.resolve("y"), Path.of("x"));
    points.addFolder(root.resolve("x"));
    assertThat(points.concern(root, "y")).isTrue();
  }

  @Test
  void whatLeadsThroughAFileIsWatchedUpToTheFile() throws Exception {
    Files.writeString(root.resolve("file"), "");
    points.addFolder(root.resolve("file/net.d"));
    assertThat(points.concern(root, "file")).isTrue();
    assertThat(points.folders()).allMatch(Files::isDirectory);
  }
}
