package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.AuthConfig;
import dev.longshore.cri.v1.FilesystemUsage;
import dev.longshore.cri.v1.Image;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageCatalog;
import dev.longshore.docker.TestSpecs;
import dev.longshore.docker.javaclient.DockerHost;
import dev.longshore.docker.javaclient.JavaDockerEngine;
import dev.longshore.kernel.Processes;
import dev.longshore.view.View;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The image service on a real Docker Engine and a real registry. */
@Timeout(120)
final class ImageIT {
  private static final DockerHost HOST =
      DockerHost.parse(System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock"));
  private static final JavaDockerEngine DOCKER = new JavaDockerEngine(HOST);

  @TempDir private static Path openFolder = Path.of("");
  @TempDir private static Path lockedFolder = Path.of("");

  private final ImageCatalog catalog = new ImageCatalog(DOCKER);
  private final View view = new View(DOCKER, _ -> {}, catalog::onEvent);
  private final PullImage pullImage =
      new PullImage(DOCKER, catalog, () -> view.health().engine(), Duration.ofMinutes(1));
  private final SandboxImage sandboxImage =
      new SandboxImage("registry.invalid/pause:1", catalog, pullImage, List.of());
  private final ImageCalls calls =
      new ImageCalls(
          pullImage,
          new ImageQueries(DOCKER, view, catalog, sandboxImage),
          new RemoveImage(DOCKER, view, catalog));
  private final List<ContainerId> containers = new ArrayList<>();
  private final String repository = "it/" + UUID.randomUUID();

  private static Registries registries = Registries.NONE;

  @BeforeAll
  static void startRegistries() throws Exception {
    registries =
        new Registries(
            Optional.of(TestRegistry.open(openFolder)),
            Optional.of(TestRegistry.locked(lockedFolder)));
  }

  @AfterAll
  static void stopRegistries() {
    registries.all().forEach(TestRegistry::close);
    DOCKER.close();
  }

  ImageIT() {
    view.start();
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  @AfterEach
  void removeTraces() {
    containers.forEach(id -> DOCKER.remove(id, soon()));
    for (EngineImage image : DOCKER.images(soon())) {
      if (names(image).anyMatch(name -> name.contains(repository))) {
        DOCKER.removeImage(image.id(), true, soon());
      }
    }
    view.close();
  }

  @Test
  void anImagePulledByTagIsDescribedAsPulled() throws Exception {
    String digest = open().push(repository, "1002:50", "1");
    String name = open().name(repository);

    String id = pull(name + ":1");

    Image image = status(name + ":1").orElseThrow();
    assertThat(image.getId()).isEqualTo(id).startsWith("sha256:");
    assertThat(image.getRepoTagsList()).containsExactly(name + ":1");
    assertThat(image.getRepoDigestsList()).containsExactly(name + "@" + digest);
    assertThat(image.getSize()).isPositive();
    assertThat(image.getUid().getValue()).isEqualTo(1002);
    assertThat(image.getPinned()).isFalse();
    assertThat(
            List.of(
                id,
                id.substring("sha256:".length()),
                id.substring("sha256:".length(), 19),
                name + "@" + digest,
                name + ":other@" + digest,
                "docker-pullable://" + name + "@" + digest))
        .allSatisfy(form -> assertThat(status(form)).contains(image));
    assertThat(calls.list(name + ":1")).extracting(Image::getId).containsExactly(id);
  }

  @Test
  void anImagePulledByDigestHasNoTags() throws Exception {
    String reference = open().name(repository) + "@" + open().push(repository, "", "1");

    String id = pull(reference);

    Image image = status(reference).orElseThrow();
    assertThat(image.getId()).isEqualTo(id);
    assertThat(image.getRepoTagsList()).isEmpty();
    assertThat(image.getRepoDigestsList()).containsExactly(reference);
    assertThat(calls.list(""))
        .filteredOn(listed -> listed.getId().equals(id))
        .singleElement()
        .satisfies(listed -> assertThat(listed.getRepoTagsList()).isEmpty());
    calls.remove(reference);
    assertThat(status(id)).isEmpty();
  }

  @Test
  void aNameWithoutTagIsPulledAsLatest() throws Exception {
    open().push(repository, "", "latest");
    String name = open().name(repository);

    String id = pull(name);

    assertThat(status(name).orElseThrow().getRepoTagsList()).containsExactly(name + ":latest");
    calls.remove(id);
    assertThat(status(name)).isEmpty();
  }

  @Test
  void oneImageOfSeveralTagsAndRegistriesIsListedOnceAndRemovedWhole() throws Exception {
    open().push(repository, "", "1", "2", "3");
    List<String> names =
        List.of(
            open().name(repository) + ":1",
            open().name(repository) + ":2",
            open().name(repository) + ":3",
            open().otherName(repository) + ":1");

    List<String> ids = names.stream().map(this::pull).distinct().toList();

    assertThat(ids).hasSize(1);
    assertThat(calls.list(""))
        .filteredOn(image -> image.getId().equals(ids.getFirst()))
        .singleElement()
        .satisfies(
            image ->
                assertThat(image.getRepoTagsList()).containsExactlyInAnyOrderElementsOf(names));
    calls.remove(names.getFirst());
    assertThat(names).allSatisfy(name -> assertThat(status(name)).isEmpty());
    assertThat(status(ids.getFirst())).isEmpty();
  }

  @Test
  void aTagThatMovesIsTheNewImageAfterItsPull() throws Exception {
    String name = open().name(repository) + ":1";
    open().push(repository, "", "1");
    String old = pull(name);
    open().push(repository, "", "1");

    String moved = pull(name);

    assertThat(moved).isNotEqualTo(old);
    assertThat(status(name).orElseThrow().getId()).isEqualTo(moved);
    assertThat(status(old).map(Image::getRepoTagsCount).orElse(0)).isZero();
    calls.remove(old);
    assertThat(status(old)).isEmpty();
    assertThat(status(name)).isPresent();
  }

  @Test
  void aHundredPullsAtOnceOfFiveImagesSucceed() throws Exception {
    open().push(repository, "", "0", "1", "2", "3", "4");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String name = open().name(repository) + ":" + i % 5;
        answers.add(callers.submit(() -> pull(name)));
      }
      String id = answers.getFirst().get();
      for (Future<String> answer : answers) {
        assertThat(answer.get()).isEqualTo(id);
      }
      assertThat(status(id).orElseThrow().getRepoTagsList()).hasSize(5);
    }
  }

  @Test
  void theRightCredentialsPullInEveryForm() throws Exception {
    locked().push(repository, "", "1");
    String name = locked().name(repository) + ":1";

    String id = calls.pull(name, login(TestRegistry.USER, TestRegistry.PASSWORD));
    calls.remove(id);
    String auth = base64(TestRegistry.USER + ":" + TestRegistry.PASSWORD);

    assertThat(calls.pull(name, AuthConfig.newBuilder().setAuth(auth).build())).isEqualTo(id);
  }

  @Test
  void wrongCredentialsAreToldWithoutBeingShown() throws Exception {
    locked().push(repository, "", "1");
    String name = locked().name(repository) + ":1";

    assertThatThrownBy(() -> calls.pull(name, login(TestRegistry.USER, "wr0ng")))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(name)
        .message()
        .doesNotContain("wr0ng")
        .doesNotStartWith("RegistryUnavailable");
    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(name);
    assertThat(status(name)).isEmpty();
  }

  @Test
  void theSandboxImageIsPulledWithTheNodesCredentials(@TempDir Path folder) throws Exception {
    locked().push(repository, "", "1");
    String name = locked().name(repository) + ":1";
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}"
                .formatted(
                    locked().name(""), base64(TestRegistry.USER + ":" + TestRegistry.PASSWORD)));

    String id = new SandboxImage(name, catalog, pullImage, List.of(config)).ensure(soon());

    assertThat(status(name).orElseThrow().getId()).isEqualTo(id);
  }

  @Test
  void anImageTheRegistryDoesNotHaveIsNotFound() {
    String name = open().name(repository) + ":none";

    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContaining(name);
  }

  @Test
  void aDeadRegistryHasThePrefixTheKubeletKnows() throws Exception {
    String name = "127.0.0.1:%d/%s:1".formatted(TestRegistry.freePort(), repository);

    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAMED))
        .hasMessageStartingWith("RegistryUnavailable: ")
        .hasMessageContaining(name);
  }

  @Test
  void aRegistryThatNeverAnswersIsGivenUp() throws Exception {
    PullImage impatient =
        new PullImage(DOCKER, catalog, () -> view.health().engine(), Duration.ofSeconds(1));
    try (ServerSocket mute = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      String name = "127.0.0.1:%d/%s:1".formatted(mute.getLocalPort(), repository);

      assertThatThrownBy(() -> impatient.handle(ImageCalls.pullRequest(name), soon()))
          .isInstanceOfSatisfying(
              CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT))
          .hasMessageContaining(name)
          .hasMessageContaining("no progress for 1 s");
      Eventually.until("the pull has ended", () -> impatient.running() == 0);
    }
  }

  @Test
  void anImageInUseKeepsAllItsNames() throws Exception {
    open().push(repository, "", "1", "2");
    String name = open().name(repository);
    String id = pull(name + ":1");
    String _ = pull(name + ":2");
    String _ = pull(open().otherName(repository) + ":1");
    containers.add(
        DOCKER.create(
            TestSpecs.container("longshore.image." + UUID.randomUUID(), name + ":1", "/none"),
            soon()));

    assertThatThrownBy(() -> calls.remove(id))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContaining(containers.getFirst().shortForm());
    assertThat(status(id).orElseThrow().getRepoTagsList()).hasSize(3);

    DOCKER.remove(containers.getFirst(), soon());
    calls.remove(id);
    assertThat(status(id)).isEmpty();
  }

  @Test
  void removalsAtOnceAllSucceed() throws Exception {
    open().push(repository, "", "1", "2");
    String name = open().name(repository);
    String id = pull(name + ":1");
    String _ = pull(name + ":2");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(callers.submit(() -> calls.remove(id)));
      }
      for (Future<?> answer : answers) {
        assertThat(answer.get()).isNull();
      }
    }
    assertThat(status(id)).isEmpty();
    calls.remove(id);
    calls.remove("0".repeat(64));
  }

  @Test
  void theDiskUsageIsWhatDuCounts() throws Exception {
    open().push(repository, "", "1");
    String _ = pull(open().name(repository) + ":1");
    EngineInfo engine = DOCKER.info(soon());
    assumeTrue(engine.storageDriver().equals("overlay2"), "du is told of the layers of overlay2");
    try (LayerUses uses =
        new LayerUses(
            () -> Optional.of(engine),
            new Processes(Path.of("/proc"))::ownMounts,
            InstantSource.system())) {
      ImageFilesystems filesystems = new ImageFilesystems(view, catalog, uses);
      Eventually.until("layers are looked at", () -> uses.lately().isPresent());

      var info = filesystems.info(soon());

      FilesystemUsage images = info.getImageFilesystems(0);
      FilesystemUsage containers = info.getContainerFilesystems(0);
      assertThat(images.getFsId().getMountpoint()).isEqualTo(engine.rootDir());
      assertThat(containers.getFsId()).isEqualTo(images.getFsId());
      String layers = engine.rootDir() + "/overlay2";
      assertThat(images.getUsedBytes().getValue() + containers.getUsedBytes().getValue())
          .isCloseTo(du("--block-size=1", layers), withinPercentage(1));
      assertThat(images.getInodesUsed().getValue() + containers.getInodesUsed().getValue())
          .isCloseTo(du("--inodes", layers), withinPercentage(1));
    }
  }

  private static long du(String unit, String folder) throws IOException {
    Process du = new ProcessBuilder("du", "-s", "-x", unit, folder).start();
    String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return Long.parseLong(said.split("\\s", 2)[0]);
  }

  private static TestRegistry open() {
    return registries.open().orElseThrow();
  }

  private static TestRegistry locked() {
    return registries.locked().orElseThrow();
  }

  private String pull(String name) {
    return calls.pull(name);
  }

  private Optional<Image> status(String name) {
    return calls.status(name);
  }

  private static Stream<String> names(EngineImage image) {
    return Stream.concat(image.tags().stream(), image.digests().stream());
  }

  private static AuthConfig login(String user, String password) {
    return AuthConfig.newBuilder().setUsername(user).setPassword(password).build();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Deadline soon() {
    return ImageCalls.soon();
  }

  /** The registries of all tests, while they run. */
  private record Registries(Optional<TestRegistry> open, Optional<TestRegistry> locked) {
    static final Registries NONE = new Registries(Optional.empty(), Optional.empty());

    List<TestRegistry> all() {
      return Stream.of(open, locked).flatMap(Optional::stream).toList();
    }
  }
}
