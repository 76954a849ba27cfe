package dev.longshore.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Eventually;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class ImageCatalogTest {
  private final FakeDockerEngine docker = new FakeDockerEngine();
  private final ImageCatalog catalog = new ImageCatalog(docker);

  @Test
  void aSecondFindAsksNobody() {
    String id = docker.addImage("busybox:1");

    assertThat(catalog.find("busybox:1", soon()).map(EngineImage::id)).contains(id);
    assertThat(catalog.find("busybox:1", soon()).map(EngineImage::id)).contains(id);

    assertThat(docker.calls("image")).hasSize(1);
  }

  @Test
  void everyNameIsAQuestionOfItsOwn() {
    String id = docker.addImage("busybox:1");

    assertThat(catalog.find("busybox:1", soon())).isEqualTo(catalog.find(id, soon()));

    assertThat(docker.calls("image")).hasSize(2);
  }

  @Test
  void absenceIsNotRemembered() {
    assertThat(catalog.find("busybox:1", soon())).isEmpty();

    docker.addImage("busybox:1");

    assertThat(catalog.find("busybox:1", soon())).isPresent();
  }

  @Test
  void aFailureIsNotRemembered() {
    docker.addImage("busybox:1");
    docker.failNext("image", new CriException(Kind.UNAVAILABLE, "Docker is away"));

    assertThatThrownBy(() -> catalog.find("busybox:1", soon())).hasMessage("Docker is away");

    assertThat(catalog.find("busybox:1", soon())).isPresent();
  }

  @Test
  void callersAtOnceShareOneQuestion() throws Exception {
    docker.addImage("busybox:1");
    docker.hang("image");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<EngineImage>>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(callers.submit(() -> catalog.find("busybox:1", soon())));
      }
      waitForCalls("image", 1);
      docker.resume();
      for (Future<Optional<EngineImage>> answer : answers) {
        assertThat(answer.get()).isPresent();
      }
    }
    assertThat(docker.calls("image")).hasSize(1);
  }

  @Test
  void aQuestionAskedBeforeAnInvalidationIsNeitherKeptNorJoinedAfterIt() throws Exception {
    String old = docker.addImage("busybox:1");
    docker.hang("image");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<EngineImage>> early = callers.submit(() -> catalog.find("busybox:1", soon()));
      waitForCalls("image", 1);
      catalog.invalidate();
      Future<Optional<EngineImage>> late = callers.submit(() -> catalog.find("busybox:1", soon()));
      waitForCalls("image", 2);
      docker.resume();
      assertThat(early.get().map(EngineImage::id)).contains(old);
      assertThat(late.get().map(EngineImage::id)).contains(old);
    }
    assertThat(catalog.find("busybox:1", soon())).isPresent();
    assertThat(docker.calls("image")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tag", "untag", "delete", "pull", "load", "import", "prune", "connect", "new"})
  void anImageEventMakesEveryAnswerBeAskedAgain(String action) {
    docker.addImage("busybox:1");
    var _ = catalog.find("busybox:1", soon());
    var _ = catalog.all(soon());

    catalog.onEvent(event(EngineEvent.Type.IMAGE, action));
    var _ = catalog.find("busybox:1", soon());
    var _ = catalog.all(soon());

    assertThat(docker.calls("image")).hasSize(2);
    assertThat(docker.calls("images")).hasSize(2);
  }

  @Test
  void eventsThatChangeNoImageLeaveTheAnswers() {
    docker.addImage("busybox:1");
    var _ = catalog.find("busybox:1", soon());

    catalog.onEvent(event(EngineEvent.Type.IMAGE, "push"));
    catalog.onEvent(event(EngineEvent.Type.IMAGE, "save"));
    catalog.onEvent(event(EngineEvent.Type.CONTAINER, "start"));
    var _ = catalog.find("busybox:1", soon());

    assertThat(docker.calls("image")).hasSize(1);
  }

  @Test
  void theListIsAskedForOnce() {
    docker.addImage("busybox:1");
    docker.addImage("busybox:2");

    assertThat(catalog.all(soon())).hasSize(2).isEqualTo(catalog.all(soon()));

    assertThat(docker.calls("images")).hasSize(1);
  }

  @Test
  void theOldestAnswerGoesWhenThereAreTooMany() {
    for (int i = 0; i <= 2_000; i++) {
      docker.addImage("busybox:" + i);
      var _ = catalog.find("busybox:" + i, soon());
    }
    docker.clearCalls();

    var _ = catalog.find("busybox:2000", soon());
    var _ = catalog.find("busybox:1", soon());
    assertThat(docker.calls("image")).isEmpty();

    var _ = catalog.find("busybox:0", soon());
    assertThat(docker.calls("image")).hasSize(1);
  }

  @Test
  void aHungDaemonEndsTheWaitAtTheDeadline() {
    docker.hang();

    assertThatThrownBy(() -> catalog.find("busybox:1", Deadline.in(Duration.ofMillis(20))))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMED_OUT))
        .hasMessageContaining("busybox:1");
    docker.resume();
  }

  private void waitForCalls(String kind, int count) {
    Eventually.until(count + " calls", () -> docker.calls(kind).size() >= count);
  }

  private static EngineEvent event(EngineEvent.Type type, String action) {
    return new EngineEvent(type, action, "sha256:0", Map.of(), 1);
  }

  private static Deadline soon() {
    return Deadline.in(Duration.ofSeconds(10));
  }
}
