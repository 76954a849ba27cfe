package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ContainerConfig;
import dev.longshore.cri.v1.ContainerState;
import dev.longshore.cri.v1.ImageSpec;
import dev.longshore.cri.v1.Mount;
import dev.longshore.cri.v1.MountPropagation;
import dev.longshore.cri.v1.RemoveContainerRequest;
import dev.longshore.docker.ContainerSpec.FixedMount;
import dev.longshore.docker.ContainerSpec.ImageMount;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.ImageLayers;
import dev.longshore.kernel.FakeCgroups;
import dev.longshore.kernel.MountInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Image volumes with fakes of Docker and of the kernel's mounts. */
class ImageVolumesTest {
  private static final String DATA = "data:1";

  private final Path folder;
  private final Node node;
  private final String dataId;

  ImageVolumesTest(@TempDir Path folder) throws IOException {
    this.folder = folder.toRealPath();
    this.node = new Node(this.folder);
    this.dataId = node.docker.addImage(DATA);
  }

  @BeforeEach
  void putLayers() throws IOException {
    Path upper = Files.createDirectories(folder.resolve("layers/2"));
    Path lower = Files.createDirectories(folder.resolve("layers/1/etc"));
    Files.writeString(upper.resolve("model"), "weights");
    Files.writeString(lower.resolve("motd"), "hello");
    Files.createSymbolicLink(upper.resolve("inside"), Path.of("etc"));
    Files.createSymbolicLink(upper.resolve("outside"), Path.of("/etc"));
    node.docker.setLayers(dataId, new ImageLayers("overlay2", List.of(upper, lower.getParent())));
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void anOldDockerGetsTheLayersAsAFolderThatMustExist() {
    String id = create(volume("/data"));

    assertThat(node.docker.spec(id).mounts())
        .containsExactly(new FixedMount(content().toString(), "/data"));
    assertThat(content().resolve("model")).hasContent("weights");
    assertThat(content().resolve("etc/motd")).hasContent("hello");
    assertThat(node.layers.mounted()).containsExactly(place());
  }

  @Test
  void aNewDockerMountsTheImageItself(@TempDir Path other) {
    try (Node newer =
        new Node(other, FakeCgroups.v1(other), Optional.of(Samples.info("systemd")))) {
      String id = newer.docker.addImage(DATA);

      String container =
          newer.create(Samples.config().addMounts(volume("/data").setImageSubPath("etc/")));

      assertThat(newer.docker.spec(container).mounts())
          .containsExactly(new ImageMount(id, "/data", "etc"));
      assertThat(newer.layers.mounted()).isEmpty();
      assertThat(newer.status(container).getMountsList()).containsExactly(told(id, "etc"));
    }
  }

  /** A path that leads out of the image is a bad request to Docker, one that is missing is not. */
  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"INTERNAL", "INVALID", "NOT_FOUND"})
  void aSubPathThatDockerDoesNotFindFailsTheCreation(Kind answer, @TempDir Path other) {
    try (Node newer =
        new Node(other, FakeCgroups.v1(other), Optional.of(Samples.info("systemd")))) {
      newer.docker.addImage(DATA);
      newer.docker.failNext(
          "requirePath", new CriException(answer, "cannot access path /x/merged/none"));

      assertThatThrownBy(
              () ->
                  newer.create(Samples.config().addMounts(volume("/data").setImageSubPath("none"))))
          .isInstanceOfSatisfying(
              CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAMED))
          .hasMessageStartingWith("ImageVolumeMountFailed: ")
          .hasMessageContaining("no path \"none\"");

      assertThat(newer.docker.names()).doesNotContain(Node.APP);
      assertThat(newer.list()).isEmpty();
    }
  }

  @Test
  void aStatusTellsOfTheImageBeforeAndAfterTheStart() {
    String id = create(volume("/data").setImageSubPath("etc"));

    assertThat(node.status(id).getMountsList()).containsExactly(told(dataId, "etc"));
    node.startOnly(id);
    assertThat(node.status(id).getMountsList()).containsExactly(told(dataId, "etc"));
  }

  @Test
  void aSubPathMayBeALinkThatStaysInTheImage() {
    String id = create(volume("/data").setImageSubPath("inside"));

    assertThat(node.docker.spec(id).mounts())
        .containsExactly(new FixedMount(content().resolve("etc").toString(), "/data"));
  }

  @Test
  void aContainerThatIsGoneLeavesNoMount() {
    String first = create(volume("/data"));
    String second = node.create(named("other").addMounts(volume("/data")));
    remove(first);
    assertThat(node.layers.mounted()).containsExactly(place());

    remove(second);

    Eventually.until("the mount is gone", () -> node.layers.mounted().isEmpty());
    Eventually.until("its folder is gone", () -> !Files.exists(place()));
  }

  @Test
  void aContainerThatWasNotMadeLeavesNoMount() {
    node.docker.failNext("create", new CriException(Kind.INTERNAL, "no"));

    assertThatThrownBy(() -> create(volume("/data"))).hasMessageContaining("no");

    assertThat(node.layers.mounted()).isEmpty();
  }

  @Test
  void whatACrashLeftIsTakenAwayOnceDockerIsKnown() throws IOException {
    Path left = Files.createDirectories(place().resolveSibling("0".repeat(64)));
    node.layers.mount(List.of(), left);
    create(volume("/data"));

    node.volumes.forgetAllBut(node.view.snapshot());

    assertThat(node.layers.mounted()).containsExactly(place());
    assertThat(left).doesNotExist();
  }

  @Test
  void aStartMountsAgainWhatIsNoLongerMounted() throws IOException {
    String id = create(volume("/data"));
    node.layers.unmount(place());

    node.startOnly(id);

    assertThat(node.layers.mounted()).containsExactly(place());
  }

  @Test
  void anImagePulledAnewIsMountedAnew() throws IOException {
    create(volume("/data"));
    Path fresh = Files.createDirectories(folder.resolve("layers/3"));
    Files.writeString(fresh.resolve("model"), "better");
    node.docker.setLayers(dataId, new ImageLayers("overlay2", List.of(fresh)));

    node.create(named("other").addMounts(volume("/data")));

    assertThat(content().resolve("model")).hasContent("better");
  }

  @Test
  void aContainerThatDoesNotSeeItsImageIsKilled() throws IOException {
    String id = create(volume("/data"));
    int pid = pidOf(id, "8:1 / /data");

    assertThatThrownBy(() -> node.startOnly(id))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAMED))
        .hasMessageStartingWith("ImageVolumeMountFailed: ")
        .hasMessageContaining("mounts of its own")
        .hasMessageContaining("was killed");
    assertThat(node.state(id)).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(pid).isPositive();
  }

  @Test
  void aContainerThatSeesItsImageRuns() throws IOException {
    String id = create(volume("/data").setImageSubPath("etc"));
    int pid = pidOf(id, MountInfo.device(content()) + " /etc /data");

    node.startOnly(id);

    assertThat(node.docker.peek(id).orElseThrow().state())
        .isInstanceOfSatisfying(
            EngineState.Running.class, running -> assertThat(running.pid()).isEqualTo(pid));
  }

  @Test
  void aDockerThatDoesNotSeeTheMountIsToldByTheKubeletsWord() {
    node.docker.failNext(
        "create",
        new CriException(
            Kind.INVALID, "bind source path does not exist: " + content().resolve("etc")));

    assertThatThrownBy(() -> create(volume("/data").setImageSubPath("etc")))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAMED))
        .hasMessageStartingWith("ImageVolumeMountFailed: ")
        .hasMessageContaining("mounts of its own");
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of("data:2", "", "not on this node"),
        Arguments.of(DATA, "nothing/there", "no path \"nothing/there\""),
        Arguments.of(DATA, "outside", "leads out of it"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whatCannotBeMountedHasThePrefixTheKubeletKnows(String image, String path, String why) {
    Mount.Builder mount = volume("/data").setImage(ImageSpec.newBuilder().setImage(image));

    assertThatThrownBy(() -> create(mount.setImageSubPath(path)))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAMED))
        .hasMessageStartingWith("ImageVolumeMountFailed: ")
        .hasMessageContaining("at /data")
        .hasMessageContaining(why);
    assertThat(node.docker.calls("create")).isEmpty();
    assertThat(node.layers.mounted()).isEmpty();
  }

  @Test
  void anotherStorageDriverIsNamed() {
    node.docker.setLayers(dataId, new ImageLayers("btrfs", List.of()));

    assertThatThrownBy(() -> create(volume("/data")))
        .hasMessageStartingWith("ImageVolumeMountFailed: ")
        .hasMessageContaining("storage driver btrfs");
  }

  @Test
  void theKernelsRefusalIsNamed() {
    node.layers.refuse(new IOException("cannot mount overlay: error 1 of errno(3)"));

    assertThatThrownBy(() -> create(volume("/data")))
        .hasMessageStartingWith("ImageVolumeMountFailed: ")
        .hasMessageContaining("error 1");
  }

  static Stream<Arguments> wrongMounts() {
    return Stream.of(
        Arguments.of(volume("/data").setReadonly(false), "readonly"),
        Arguments.of(volume("/data").setHostPath("/tmp"), "host_path"),
        Arguments.of(volume("data"), "container_path"),
        Arguments.of(volume("/data").setImageSubPath("../x"), "image_sub_path"),
        Arguments.of(volume("/data").setImageSubPath("a/../../x"), "image_sub_path"),
        Arguments.of(volume("/data").setImageSubPath("/etc"), "image_sub_path"),
        Arguments.of(volume("/data").setImage(ImageSpec.getDefaultInstance()), "image.image"),
        Arguments.of(
            volume("/data").setPropagation(MountPropagation.PROPAGATION_BIDIRECTIONAL),
            "propagation"),
        Arguments.of(volume("/data").clearImage().setImageSubPath("x"), "image_sub_path"),
        Arguments.of(
            volume("/data")
                .setImage(ImageSpec.newBuilder().setImage(DATA).setRuntimeHandler("none")),
            "runtime handler \"none\""));
  }

  @ParameterizedTest
  @MethodSource("wrongMounts")
  void aWrongMountIsRefused(Mount.Builder mount, String named) {
    assertThatThrownBy(() -> create(mount))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(named);
  }

  private String create(Mount.Builder mount) {
    return node.create(Samples.config().addMounts(mount));
  }

  private void remove(String id) {
    node.remove.handle(RemoveContainerRequest.newBuilder().setContainerId(id).build(), Node.soon());
  }

  /** Gives the container the process it will have, with that mount in its namespace. */
  private int pidOf(String id, String mount) throws IOException {
    int pid = node.docker.nextPid();
    node.cgroups.put(pid, id);
    Files.writeString(
        node.cgroups.proc().resolve(pid + "/mountinfo"),
        "5 4 " + mount + " ro - overlay longshore ro\n");
    return pid;
  }

  private Path place() {
    return folder.resolve("image-volumes").resolve(dataId.substring("sha256:".length()));
  }

  private Path content() {
    return place().resolve("content");
  }

  private static ContainerConfig.Builder named(String name) {
    var config = Samples.config();
    config.getMetadataBuilder().setName(name);
    return config;
  }

  private static Mount.Builder volume(String target) {
    return Mount.newBuilder()
        .setContainerPath(target)
        .setReadonly(true)
        .setImage(ImageSpec.newBuilder().setImage(DATA));
  }

  private static Mount told(String id, String path) {
    return Mount.newBuilder()
        .setContainerPath("/data")
        .setReadonly(true)
        .setImage(ImageSpec.newBuilder().setImage(DATA).setImageRef(id))
        .setImageSubPath(path)
        .build();
  }
}
