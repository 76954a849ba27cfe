package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerStatus;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import dev.longshore.docker.javaclient.TestImage;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Image volumes on a real Engine, seen from inside the containers. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(60)
class ImageVolumeIT {
  private static final DockerHost HOST =
      DockerHost.parse(System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock"));

  private final String data = "longshore.test/" + UUID.randomUUID();
  private final Path folder;
  private final RealNode node;
  private final EngineInfo engine;
  private String imageId = "";

  ImageVolumeIT(@TempDir Path folder) {
    this.folder = folder;
    node = new RealNode(folder);
    engine = node.docker.info(RealNode.soon());
  }

  @BeforeAll
  void makeTheImage() {
    assumeTrue(
        engine.apiAtLeast(ApiVersion.IMAGE_MOUNTS) || engine.storageDriver().equals("overlay2"),
        "Docker can mount images, or keeps their layers in folders");
    String maker =
        node.running(
            node.config(
                "sh",
                "-c",
                "echo weights > /model; echo inner > /bin/motd; rm /bin/yes; ln -s /etc /out"));
    node.awaitEnd(maker);
    TestImage.commit(HOST, maker, data);
    remove(maker);
    imageId = node.docker.image(data + ":1", RealNode.soon()).orElseThrow().id();
  }

  @AfterAll
  void end() {
    node.close();
    if (!imageId.isEmpty()) {
      try (JavaDockerEngine docker = new JavaDockerEngine(HOST)) {
        docker.removeImage(imageId, true, RealNode.soon());
      }
    }
  }

  @AfterEach
  void removeContainers() {
    node.view
        .snapshot()
        .containersOf(node.sandbox)
        .forEach(container -> remove(container.engine().id().value()));
  }

  @Test
  void theContainerSeesAllLayersOfTheImageReadOnly() {
    String id = running(volume());

    assertThat(node.sh(id, "cat /data/model")).isEqualTo("weights\n");
    assertThat(node.sh(id, "ls /data/bin")).contains("motd", "busybox").doesNotContain("yes");
    assertThat(node.sh(id, "(echo x > /data/new)")).contains("Read-only file system");
    assertThat(node.sh(id, "/data/bin/busybox echo runs")).isEqualTo("runs\n");
    assertThat(node.status(id).getMountsList())
        .singleElement()
        .satisfies(
            mount -> {
              assertThat(mount.getContainerPath()).isEqualTo("/data");
              assertThat(mount.getHostPath()).isEmpty();
              assertThat(mount.getReadonly()).isTrue();
              assertThat(mount.getImage().getImageRef()).isEqualTo(imageId);
            });
  }

  @Test
  void aSubPathIsAFolderOrAFileOfTheImage() {
    String id =
        node.running(
            node.config("sleep", "100")
                .addMounts(volume().setImageSubPath("bin"))
                .addMounts(volume().setContainerPath("/file").setImageSubPath("model")));

    assertThat(node.sh(id, "cat /data/motd /file")).isEqualTo("inner\nweights\n");
  }

  @Test
  void noPathLeadsOutOfTheImage() {
    assertThatThrownBy(() -> running(volume().setImageSubPath("nothing")))
        .hasMessageStartingWith("ImageVolumeMountFailed: ");
    assertThatThrownBy(() -> running(volume().setImageSubPath("out/passwd")))
        .hasMessageStartingWith("ImageVolumeMountFailed: ");
  }

  @Test
  void aContainerThatEndsAtOnceHadItsImage() {
    ContainerStatus ended = ended("sh", "-c", "exec cat /data/model > /dev/null");

    assertThat(ended.getExitCode()).isZero();
  }

  @Test
  void noMountOutlivesItsContainers() {
    String first = running(volume());
    String second = running(volume());
    remove(first);
    assertThat(node.sh(second, "cat /data/model")).isEqualTo("weights\n");

    remove(second);

    Path own = folder.resolve("image-volumes");
    Eventually.until("no mount is left", () -> isMissingOrEmpty(own));
    assertThat(node.processes.mounts((int) ProcessHandle.current().pid()))
        .noneMatch(mount -> mount.mountPoint().startsWith(own.toString()));
  }

  private static boolean isMissingOrEmpty(Path folder) {
    String[] files = folder.toFile().list();
    return files == null || files.length == 0;
  }

  private String running(Mount.Builder mount) {
    return node.running(node.config("sleep", "100").addMounts(mount));
  }

  private ContainerStatus ended(String... command) {
    String id = node.running(node.config(command).addMounts(volume()));
    node.awaitEnd(id);
    return node.status(id);
  }

  private void remove(String id) {
    node.remove.handle(
        RemoveContainerRequest.newBuilder().setContainerId(id).build(), RealNode.soon());
  }

  private Mount.Builder volume() {
    return Mount.newBuilder()
        .setContainerPath("/data")
        .setReadonly(true)
        .setImage(ImageSpec.newBuilder().setImage(data + ":1"));
  }
}
