package dev.longshore.image;

import static dev.longshore.image.ImageRig.hex;
import static dev.longshore.image.ImageRig.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SandboxImageTest {
  private final ImageRig rig = new ImageRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void anImageThatIsHereIsNotPulledAndAskedForOnce() {
    rig.docker.addImage(image("a", List.of(ImageRig.PAUSE), List.of()));
    SandboxImage pause = rig.sandboxImage(ImageRig.PAUSE);
    rig.docker.clearCalls();

    for (int i = 0; i < 3; i++) {
      assertThat(pause.ensure(ImageRig.soon())).isEqualTo("sha256:" + hex("a"));
    }

    assertThat(rig.docker.calls()).containsExactly("image " + ImageRig.PAUSE);
  }

  @Test
  void anImageThatIsMissingIsPulled() {
    rig.docker.offerImage(ImageRig.PAUSE, image("a", List.of(ImageRig.PAUSE), List.of()));

    assertThat(rig.sandboxImage(ImageRig.PAUSE).ensure(ImageRig.soon()))
        .isEqualTo("sha256:" + hex("a"));
    assertThat(rig.docker.calls("pull")).containsExactly("pull " + ImageRig.PAUSE);
  }

  @Test
  void anIdWillDoWhenTheImageIsHereAndIsExplainedWhenNot() {
    String id = "sha256:" + hex("a");
    SandboxImage byId = rig.sandboxImage(id);

    assertThatThrownBy(() -> byId.ensure(ImageRig.soon()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContainingAll(id, "--pod-infra-container-image");

    rig.docker.addImage(image("a", List.of("x:1"), List.of()));
    assertThat(byId.ensure(ImageRig.soon())).isEqualTo(id);
  }

  @Test
  void aMalformedNameIsRefusedAtOnce() {
    assertThatThrownBy(() -> rig.sandboxImage("Not A Name"))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID));
  }
}
