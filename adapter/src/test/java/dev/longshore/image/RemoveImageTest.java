package dev.longshore.image;

import static dev.longshore.image.ImageRig.hex;
import static dev.longshore.image.ImageRig.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.ImageVolume;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.TestSpecs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RemoveImageTest {
  private static final String DIGEST = "busybox@sha256:" + "d".repeat(64);
  private static final String ID = "sha256:" + hex("abcdef");
  private static final EngineImage SEVERAL_REPOSITORIES =
      image(
          "abcdef", List.of("busybox:1", "busybox:2", "mirror.example/busybox:1"), List.of(DIGEST));

  private final ImageRig rig = new ImageRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "busybox:1",
        "mirror.example/busybox:1",
        "busybox@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
        "sha256:0000000000000000000000000000000000000000000000000000000000abcdef",
        "0000000000000000000000000000000000000000000000000000000000abcdef",
      })
  void theImageGoesWithAllItsNames(String form) {
    rig.docker.addImage(SEVERAL_REPOSITORIES);
    var _ = rig.status(ID);

    rig.remove(form);

    assertThat(List.of("busybox:1", "busybox:2", "mirror.example/busybox:1", DIGEST, ID))
        .allSatisfy(name -> assertThat(rig.status(name)).isEmpty());
    assertThat(rig.list("")).isEmpty();
  }

  @Test
  void anImageOfOneNameNeedsNoForce() {
    rig.docker.addImage(image("abcdef", List.of("busybox:1"), List.of(DIGEST)));

    rig.remove(ID);

    assertThat(rig.docker.calls("removeImage")).containsExactly("removeImage " + ID);
    assertThat(rig.docker.calls("containersOf")).isEmpty();
  }

  @Test
  void whatIsNotHereIsRemovedAlready() {
    rig.remove(hex("0"));
    rig.remove(hex("0"));
    rig.remove("busybox:none");

    assertThat(rig.docker.calls("removeImage")).isEmpty();
  }

  @Test
  void removalsAtOnceAllSucceed() throws Exception {
    rig.docker.addImage(SEVERAL_REPOSITORIES);
    rig.docker.hang("removeImage");
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> answers = new ArrayList<>();
      for (String form : List.of(ID, ID, "busybox:1", "busybox:2", DIGEST)) {
        answers.add(callers.submit(() -> rig.remove(form)));
      }
      Eventually.until("a removal", () -> !rig.docker.calls("removeImage").isEmpty());
      rig.docker.resume();
      for (Future<?> answer : answers) {
        assertThat(answer.get()).isNull();
      }
    }
    assertThat(rig.status(ID)).isEmpty();
  }

  @Test
  void theImageOfAPodsContainerStaysAndThePodIsNamed() {
    rig.docker.addImage(SEVERAL_REPOSITORIES);
    ContainerId sandbox =
        rig.docker.createBehind(
            TestSpecs.withLabels(
                TestSpecs.container("k8s_POD_web_shop_uid_0", "busybox:1", "pause"),
                KubeLabels.forSandbox(metadata())));
    Eventually.until(
        "the pod is seen", () -> rig.view.snapshot().sandbox(sandbox.value()).isPresent());

    assertThatThrownBy(() -> rig.remove("busybox:2"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContainingAll("busybox:2", "shop/web", "remove");

    assertThat(rig.docker.calls("removeImage")).isEmpty();
    assertThat(rig.status("busybox:1").orElseThrow().getRepoTagsList()).hasSize(3);
  }

  @Test
  void anImageMountedIntoAContainerStays() {
    rig.docker.addImage(SEVERAL_REPOSITORIES);
    rig.docker.addImage("web:1");
    KubeLabels.Metadata metadata =
        new KubeLabels.Metadata(
            Map.of(),
            Map.of(),
            Optional.empty(),
            "",
            "",
            Map.of(),
            List.of(new ImageVolume("/data", "busybox:2", ID, "")));
    ContainerId container =
        rig.docker.createBehind(
            TestSpecs.withLabels(
                TestSpecs.container("k8s_app_web_shop_uid_0", "web:1", "true"),
                KubeLabels.forContainer(metadata, "5a".repeat(32), "")));
    Eventually.until(
        "the container is seen",
        () -> rig.view.snapshot().container(container.value()).isPresent());

    assertThatThrownBy(() -> rig.remove("busybox:1"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContainingAll("busybox:1", "app", "shop/web");
    assertThat(rig.docker.calls("removeImage")).isEmpty();
  }

  @Test
  void theImageOfSomebodyElsesContainerStaysWithAllItsNames() {
    rig.docker.addImage(SEVERAL_REPOSITORIES);
    ContainerId other = rig.docker.createBehind(TestSpecs.container("mine", "busybox:1", "true"));

    assertThatThrownBy(() -> rig.remove("busybox:1"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY))
        .hasMessageContainingAll("busybox:1", other.shortForm());

    assertThat(rig.status(ID).orElseThrow().getRepoTagsList()).hasSize(3);
  }

  @Test
  void badReferencesAreRefused() {
    assertThatThrownBy(() -> rig.remove(""))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining("image.image");
    assertThatThrownBy(() -> rig.remove("Not A Name"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID));
  }

  private static KubeLabels.Metadata metadata() {
    return new KubeLabels.Metadata(Map.of(), Map.of(), Optional.empty(), "", "");
  }
}
