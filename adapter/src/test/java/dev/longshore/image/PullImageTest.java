package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.AuthConfig;
import dev.longshore.cri.v1.PullImageRequest;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.ImageCatalog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PullImageTest {
  private final FakeDockerEngine docker = new FakeDockerEngine();
  private final ImageCatalog catalog = new ImageCatalog(docker);
  private final PullImage pullImage =
      new PullImage(docker, catalog, this::info, Duration.ofMinutes(1));

  @Test
  void theAnswerIsDockersImageId() {
    docker.offerImage("busybox:1", image("b", "busybox:1"));

    assertThat(pull("docker.io/library/busybox:1")).isEqualTo(id("b"));
    assertThat(docker.calls()).containsExactly("pull busybox:1", "image busybox:1");
  }

  @Test
  void aNameWithoutTagMeansLatestAndADigestGoesBeforeATag() {
    String digest = "r.example/app@sha256:" + "d".repeat(64);
    docker.offerImage("busybox:latest", image("b", "busybox:latest"));
    docker.offerImage(
        digest, new EngineImage(id("d"), List.of(), List.of(digest), 1, "", Map.of()));

    assertThat(pull("busybox")).isEqualTo(id("b"));
    assertThat(pull("r.example/app:1@sha256:" + "d".repeat(64))).isEqualTo(id("d"));
  }

  @Test
  void aPullOfATagThatMovedAnswersWithTheNewImage() {
    docker.addImage(image("a", "busybox:1"));
    assertThat(catalog.find("busybox:1", soon()).map(EngineImage::id)).contains(id("a"));
    docker.offerImage("busybox:1", image("b", "busybox:1"));

    assertThat(pull("busybox:1")).isEqualTo(id("b"));
    assertThat(catalog.find("busybox:1", soon()).map(EngineImage::id)).contains(id("b"));
  }

  @Test
  void aHundredPullsOfFiveImagesAreFivePulls() throws Exception {
    for (int i = 0; i < 5; i++) {
      docker.offerImage("busybox:" + i, image("b" + i, "busybox:" + i));
    }
    docker.hang("pull");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String name = "busybox:" + i % 5;
        answers.add(callers.submit(() -> pull(name)));
      }
      Eventually.until("waiting", () -> pullImage.waiting() >= 100);
      docker.resume();
      for (int i = 0; i < 100; i++) {
        assertThat(answers.get(i).get()).isEqualTo(id("b" + i % 5));
      }
    }
    assertThat(docker.calls("pull")).hasSize(5);
    assertThat(pullImage.waiting()).isZero();
  }

  @Test
  void pullsAreSeenWhileTheyLast() throws Exception {
    docker.offerImage("busybox:1", image("b", "busybox:1"));
    docker.hang("pull");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> answer = callers.submit(() -> pull("busybox:1"));
      Eventually.until("a pull", () -> !pullImage.underWay().isEmpty());
      assertThat(pullImage.underWay())
          .singleElement()
          .satisfies(pull -> assertThat(pull.image()).isEqualTo("busybox:1"));
      docker.resume();
      assertThat(answer.get()).isEqualTo(id("b"));
    }
    assertThat(pullImage.underWay()).isEmpty();
  }

  @Test
  void otherCredentialsAreAnotherPull() throws Exception {
    docker.offerImage("busybox:1", image("b", "busybox:1"));
    docker.hang("pull");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> ann = callers.submit(() -> pull(as("ann", "s3cret")));
      Future<String> bob = callers.submit(() -> pull(as("bob", "s3cret")));
      Future<String> annAgain = callers.submit(() -> pull(as("ann", "s3cret")));
      Eventually.until("waiting", () -> pullImage.waiting() >= 3);
      docker.resume();
      assertThat(List.of(ann.get(), bob.get(), annAgain.get())).containsOnly(id("b"));
    }
    assertThat(docker.calls("pull")).hasSize(2);
  }

  @Test
  void aCallerWhoseDeadlinePassesIsToldAndTheRetryJoinsThePull() {
    docker.offerImage("busybox:1", image("b", "busybox:1"));
    docker.hang("pull");

    assertKind(
        Kind.TIMED_OUT,
        () ->
            pullImage.handle(
                ImageCalls.pullRequest("busybox:1"), Deadline.in(Duration.ofMillis(20))));
    docker.resume();

    assertThat(pull("busybox:1")).isEqualTo(id("b"));
  }

  @Test
  void aCallerWhoLeavesIsLetGo() throws Exception {
    docker.offerImage("busybox:1", image("b", "busybox:1"));
    docker.hang("pull");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> caller = callers.submit(() -> assertKind(Kind.CANCELLED, () -> pull("busybox:1")));
      Eventually.until("waiting", () -> pullImage.waiting() >= 1);
      callers.shutdownNow();
      assertThat(caller.get()).isNull();
    }
    assertThat(pullImage.waiting()).isZero();
    docker.resume();
  }

  @Test
  void aPullWithoutProgressIsGivenUpWithAReason() {
    PullImage impatient = new PullImage(docker, catalog, this::info, Duration.ofMillis(50));
    docker.offerImage("busybox:1", image("b", "busybox:1"));
    docker.hang("pull");

    assertThatThrownBy(() -> impatient.handle(ImageCalls.pullRequest("busybox:1"), soon()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT))
        .hasMessageContaining("busybox:1")
        .hasMessageContaining("no progress for 50 ms");

    docker.resume();
    assertThat(impatient.handle(ImageCalls.pullRequest("busybox:1"), soon()).getImageRef())
        .isEqualTo(id("b"));
  }

  @Test
  void aPullThatNobodyWaitsForEnds() {
    PullImage pulls =
        new PullImage(
            docker,
            catalog,
            this::info,
            new PullWatch.Limits(Duration.ofMillis(400), Duration.ofMillis(50)));
    docker.hang("pull");

    assertKind(
        Kind.TIMED_OUT,
        () -> pulls.handle(ImageCalls.pullRequest("busybox:1"), Deadline.in(Duration.ofMillis(1))));

    Eventually.until("running", () -> pulls.running() == 0);
    docker.resume();
  }

  @Test
  void anImageTheRegistryDoesNotHaveIsNotFound() {
    assertThatThrownBy(() -> pull("busybox:none"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContaining("cannot pull")
        .hasMessageContaining("busybox:none");
  }

  @Test
  void theEnginesReasonReachesTheCallerAsItIs() {
    docker.failNext(
        "pull", new CriException(Kind.NAMED, "RegistryUnavailable: cannot pull busybox:1"));

    assertThatThrownBy(() -> pull("busybox:1"))
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NAMED))
        .hasMessage("RegistryUnavailable: cannot pull busybox:1");
  }

  @Test
  void badRequestsNeverReachDocker() {
    assertKind(Kind.INVALID, () -> pull(PullImageRequest.getDefaultInstance()));
    assertKind(Kind.INVALID, () -> pull("Not A Name"));
    assertKind(Kind.INVALID, () -> pull("sha256:" + "0".repeat(64)));
    assertKind(
        Kind.INVALID,
        () ->
            pull(
                ImageCalls.pullRequest("busybox:1").toBuilder()
                    .setAuth(AuthConfig.newBuilder().setAuth("%"))
                    .build()));
    assertThat(docker.calls()).isEmpty();
  }

  @Test
  void aRuntimeHandlerIsOneThatDockerHas() {
    docker.offerImage("busybox:1", image("b", "busybox:1"));
    String known = info().orElseThrow().runtimes().getFirst();

    assertThat(pull(handledBy(known))).isEqualTo(id("b"));
    assertThat(pull(handledBy("docker"))).isEqualTo(id("b"));
    assertThatThrownBy(() -> pull(handledBy("gvisor")))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("gvisor");
  }

  private Optional<EngineInfo> info() {
    return Optional.of(new FakeDockerEngine().info(soon()));
  }

  private static PullImageRequest handledBy(String handler) {
    PullImageRequest.Builder request = ImageCalls.pullRequest("busybox:1").toBuilder();
    request.getImageBuilder().setRuntimeHandler(handler);
    return request.build();
  }

  private String pull(String name) {
    return pull(ImageCalls.pullRequest(name));
  }

  private String pull(PullImageRequest request) {
    return pullImage.handle(request, soon()).getImageRef();
  }

  private static void assertKind(Kind kind, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static PullImageRequest as(String user, String password) {
    return ImageCalls.pullRequest("busybox:1").toBuilder()
        .setAuth(AuthConfig.newBuilder().setUsername(user).setPassword(password))
        .build();
  }

  static EngineImage image(String seed, String tag) {
    return new EngineImage(id(seed), List.of(tag), List.of(), 1_000, "", Map.of());
  }

  static String id(String seed) {
    return "sha256:" + "%64s".formatted(seed).replace(' ', '0');
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(10));
  }
}
