package dev.longshore.image;

import static dev.longshore.image.ImageRig.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.FilesystemUsage;
import dev.longshore.cri.v1.ImageFsInfoResponse;
import dev.longshore.docker.EngineInfo;
import dev.longshore.kernel.FilesystemUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ImageFilesystemsTest {
  private final ImageRig rig = new ImageRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void imagesAndContainersShareDockersRootDirectory() {
    rig.docker.addImage(image("a", List.of("a:1"), List.of()));
    rig.docker.addImage(image("b", List.of("b:1"), List.of()));

    ImageFsInfoResponse info = rig.filesystems.info(ImageRig.soon());

    assertThat(info.getImageFilesystemsList()).hasSize(1);
    assertThat(info.getContainerFilesystemsList()).isEqualTo(info.getImageFilesystemsList());
    FilesystemUsage usage = info.getImageFilesystems(0);
    assertThat(usage.getFsId().getMountpoint()).isEqualTo("/var/lib/docker");
    assertThat(usage.getUsedBytes().getValue()).isEqualTo(2_000);
    assertThat(usage.getTimestamp() / 1_000_000_000)
        .isBetween(Instant.now().getEpochSecond() - 60, Instant.now().getEpochSecond());
  }

  @Test
  void onceTheLayersWereLookedAtTheyAreTold(@TempDir Path root) throws IOException {
    Files.createDirectories(root.resolve("overlay2/l"));
    Files.createDirectories(root.resolve("overlay2/layer/diff"));
    moveDocker(root, "overlay2");

    Eventually.until(
        "the layers are looked at",
        () ->
            rig.filesystems.info(ImageRig.soon()).getImageFilesystems(0).getInodesUsed().getValue()
                == 4);

    ImageFsInfoResponse info = rig.filesystems.info(ImageRig.soon());
    assertThat(info.getContainerFilesystems(0).getInodesUsed().getValue()).isZero();
    assertThat(info.getContainerFilesystems(0).getFsId())
        .isEqualTo(info.getImageFilesystems(0).getFsId());
  }

  /**
   * The kubelet makes up its mind with the first answer whether images have a disk of their own.
   */
  @Test
  void theFirstAnswerAlreadyNamesTheDiskOfContainerdsSnapshots(@TempDir Path root)
      throws IOException {
    Path containerd = root.resolve("containerd/daemon");
    Files.createDirectories(
        containerd.resolve("io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs"));
    moveDocker(root, "overlayfs");

    FilesystemUsage first = rig.filesystems.info(ImageRig.soon()).getImageFilesystems(0);

    assertThat(first.getFsId().getMountpoint()).isEqualTo(containerd.toString());
  }

  @Test
  void aDockerThatTakesLongToListItsImagesIsNotWaitedFor(@TempDir Path root) {
    rig.docker.addImage(image("a", List.of("a:1"), List.of()));
    moveDocker(root, "overlay2");
    rig.docker.hang("images");

    ImageFsInfoResponse unlisted = rig.filesystems.info(Deadline.in(Duration.ofMillis(50)));
    rig.docker.resume();

    assertThat(bytes(unlisted.getImageFilesystems(0))).isGreaterThan(1_000);
    Eventually.until(
        "the images are listed",
        () -> bytes(rig.filesystems.info(ImageRig.soon()).getImageFilesystems(0)) == 1_000);
  }

  @Test
  void aSecondQuestionCostsNoDockerCall() {
    var _ = rig.filesystems.info(ImageRig.soon());
    rig.docker.clearCalls();

    var _ = rig.filesystems.info(ImageRig.soon());

    assertThat(rig.docker.calls()).isEmpty();
  }

  @Test
  void imagesNeverUseMoreThanTheFileSystemHasInUse() {
    FilesystemUse use = new FilesystemUse(1_000, 500, OptionalLong.of(7), OptionalLong.empty());

    assertThat(bytes(ImageFilesystems.usage("/d", 800, Optional.of(use)))).isEqualTo(500);
    assertThat(bytes(ImageFilesystems.usage("/d", 300, Optional.of(use)))).isEqualTo(300);
    assertThat(bytes(ImageFilesystems.usage("/d", 800, Optional.empty()))).isEqualTo(800);
  }

  @Test
  void inodesAreThereWhereTheFileSystemCountsThem() {
    FilesystemUse counting =
        new FilesystemUse(1_000, 500, OptionalLong.of(7), OptionalLong.empty());
    FilesystemUse silent =
        new FilesystemUse(1_000, 500, OptionalLong.empty(), OptionalLong.empty());

    assertThat(ImageFilesystems.usage("/d", 1, Optional.of(counting)).getInodesUsed().getValue())
        .isEqualTo(7);
    assertThat(ImageFilesystems.usage("/d", 1, Optional.of(silent)).hasInodesUsed()).isFalse();
    assertThat(ImageFilesystems.usage("/d", 1, Optional.empty()).hasInodesUsed()).isFalse();
  }

  @Test
  void aDockerThatIsAwayIsUnavailable() {
    rig.docker.down();
    rig.docker.disconnect();
    Eventually.until("Docker is missed", () -> !rig.view.health().ready());

    assertThatThrownBy(() -> rig.filesystems.info(ImageRig.soon()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  private void moveDocker(Path root, String storageDriver) {
    EngineInfo docker = withRoot(rig.docker.info(ImageRig.soon()), root, storageDriver);
    rig.docker.setInfo(docker);
    rig.docker.disconnect();
    Eventually.until(
        "the other root is known",
        () -> rig.view.health().ready() && rig.view.health().engine().equals(Optional.of(docker)));
  }

  private static EngineInfo withRoot(EngineInfo engine, Path root, String storageDriver) {
    return new EngineInfo(
        engine.version(),
        engine.apiVersion(),
        engine.maxApiVersion(),
        engine.cgroupDriver(),
        engine.cgroupVersion(),
        root.toString(),
        storageDriver,
        engine.loggingDriver(),
        engine.defaultRuntime(),
        engine.runtimes(),
        engine.securityOptions(),
        engine.liveRestore(),
        engine.recursiveReadonly(),
        engine.details(),
        engine.warnings());
  }

  private static long bytes(FilesystemUsage usage) {
    return usage.getUsedBytes().getValue();
  }
}
