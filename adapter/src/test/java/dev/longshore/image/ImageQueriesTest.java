package dev.longshore.image;

import static dev.longshore.image.ImageRig.hex;
import static dev.longshore.image.ImageRig.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Encoded;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.Image;
import dev.longshore.cri.v1.ImageFilter;
import dev.longshore.cri.v1.ImageStatusRequest;
import dev.longshore.cri.v1.ImageStatusResponse;
import dev.longshore.cri.v1.ListImagesRequest;
import dev.longshore.docker.EngineImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ImageQueriesTest {
  private static final String DIGEST = "busybox@sha256:" + "d".repeat(64);

  private final ImageRig rig = new ImageRig();

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void everyFormOfNameAndIdGivesTheSameStatus() {
    rig.docker.addImage(image("abcdef", List.of("busybox:2", "busybox:1"), List.of(DIGEST)));
    Image expected =
        Image.newBuilder()
            .setId("sha256:" + hex("abcdef"))
            .addRepoTags("busybox:1")
            .addRepoTags("busybox:2")
            .addRepoDigests(DIGEST)
            .setSize(1_000)
            .build();

    List<String> forms =
        List.of(
            "busybox:1",
            "docker.io/library/busybox:2",
            DIGEST,
            "docker.io/" + DIGEST,
            "busybox:9@sha256:" + "d".repeat(64),
            "docker-pullable://" + DIGEST,
            "sha256:" + hex("abcdef"),
            "docker://sha256:" + hex("abcdef"),
            hex("abcdef"),
            hex("abcdef").substring(0, 12),
            "sha256:" + hex("abcdef").substring(0, 12));

    assertThat(forms).allSatisfy(form -> assertThat(rig.status(form)).contains(expected));
    assertThat(forms).allSatisfy(form -> assertThat(rig.list(form)).containsExactly(expected));
  }

  @Test
  void anAbsentImageIsAnAnswer() {
    assertThat(rig.status("busybox:1")).isEmpty();
    assertThat(rig.status(hex("0"))).isEmpty();
    assertThat(rig.list("busybox:1")).isEmpty();
  }

  @Test
  void aNameDoesNotFindAnImageByTheBeginningOfItsId() {
    rig.docker.addImage(
        new EngineImage(
            "sha256:cafe" + "0".repeat(60), List.of("busybox:1"), List.of(), 1, "", Map.of()));

    assertThat(rig.status("cafe")).isEmpty();
    assertThat(rig.status("cafe00000000")).isPresent();
  }

  @Test
  void theListHasOneEntryForEachIdWithAllItsTags() {
    rig.docker.addImage(image("a", List.of("busybox:1", "busybox:2", "other:1"), List.of()));
    rig.docker.addImage(image("b", List.of(), List.of(DIGEST)));

    assertThat(rig.list(""))
        .extracting(Image::getId, Image::getRepoTagsList, Image::getRepoDigestsList)
        .containsExactlyInAnyOrder(
            tuple("sha256:" + hex("a"), List.of("busybox:1", "busybox:2", "other:1"), List.of()),
            tuple("sha256:" + hex("b"), List.of(), List.of(DIGEST)));
  }

  @ParameterizedTest
  @CsvSource({
    "'', , ''",
    "0, 0, ''",
    "1002, 1002, ''",
    "1003:1004, 1003, ''",
    "www-data, , www-data",
    "www-data:1004, , www-data",
    ":1004, , ''",
    "99999999999999999999, , 99999999999999999999",
  })
  void theUserIsANumberOrAName(String user, Long uid, String name) {
    rig.docker.addImage(
        new EngineImage("sha256:" + hex("a"), List.of("a:1"), List.of(), 1, user, Map.of()));

    Image status = rig.status("a:1").orElseThrow();

    assertThat(status.hasUid() ? status.getUid().getValue() : null).isEqualTo(uid);
    assertThat(status.getUsername()).isEqualTo(name);
  }

  @Test
  void anImageWithoutBytesHasASizeAllTheSame() {
    rig.docker.addImage(
        new EngineImage("sha256:" + hex("a"), List.of("a:1"), List.of(), 0, "", Map.of()));

    assertThat(rig.status("a:1").orElseThrow().getSize()).isEqualTo(1);
  }

  @Test
  void theSandboxImageIsPinnedByWhateverNameItIsAskedFor() {
    rig.docker.addImage(image("a", List.of(ImageRig.PAUSE, "mirror.example/pause:1"), List.of()));
    rig.docker.addImage(image("b", List.of("busybox:1"), List.of()));

    assertThat(rig.status(ImageRig.PAUSE).orElseThrow().getPinned()).isTrue();
    assertThat(rig.status("mirror.example/pause:1").orElseThrow().getPinned()).isTrue();
    assertThat(rig.status("busybox:1").orElseThrow().getPinned()).isFalse();
    assertThat(rig.list(""))
        .filteredOn(Image::getPinned)
        .extracting(Image::getId)
        .containsExactly("sha256:" + hex("a"));
  }

  @Test
  void detailsAreJson() throws Exception {
    rig.docker.addImage(
        new EngineImage(
            "sha256:" + hex("a"), List.of("a:1"), List.of(), 7, "ann", Map.of("k", "\"v\"")));

    ImageStatusResponse response =
        rig.queries.status(
            ImageStatusRequest.newBuilder()
                .setImage(ImageCalls.spec("a:1"))
                .setVerbose(true)
                .build(),
            ImageRig.soon());

    JsonNode info = new ObjectMapper().readTree(response.getInfoMap().get("info"));
    assertThat(info.path("labels").path("k").asText()).isEqualTo("\"v\"");
    assertThat(info.path("user").asText()).isEqualTo("ann");
    assertThat(info.path("sizeBytes").asLong()).isEqualTo(7);
    assertThat(info.path("imageSpec").path("os").asText()).isEqualTo("linux");
  }

  @Test
  void annotationsOfTheDescriptorAreTold() {
    rig.docker.addImage(
        new EngineImage(
            "sha256:" + hex("a"), List.of("a:1"), List.of(), 7, "", Map.of(), Map.of("k", "v")));

    assertThat(rig.status("a:1").orElseThrow().getSpec().getAnnotationsMap())
        .containsExactly(Map.entry("k", "v"));
  }

  @Test
  void anUnknownRuntimeHandlerIsRefused() {
    var image = ImageCalls.spec("a:1").toBuilder().setRuntimeHandler("gvisor");
    var filter = ImageFilter.newBuilder().setImage(image);

    assertKind(
        Kind.INVALID,
        () ->
            rig.queries.status(
                ImageStatusRequest.newBuilder().setImage(image).build(), ImageRig.soon()));
    assertKind(
        Kind.INVALID,
        () ->
            rig.queries.list(
                ListImagesRequest.newBuilder().setFilter(filter).build(), ImageRig.soon()));
  }

  @Test
  void repeatedQuestionsCostNoDockerCall() {
    rig.docker.addImage(image("a", List.of(ImageRig.PAUSE), List.of()));
    var _ = rig.status(ImageRig.PAUSE);
    var _ = rig.list("");
    rig.docker.clearCalls();

    for (int i = 0; i < 10; i++) {
      assertThat(rig.status(ImageRig.PAUSE)).isPresent();
      assertThat(rig.list("")).hasSize(1);
    }

    assertThat(rig.docker.calls()).isEmpty();
  }

  @Test
  void aListThatHasNotChangedIsNotMadeAgain() {
    rig.docker.addImage(image("a", List.of(ImageRig.PAUSE), List.of()));
    ListImagesRequest all = ListImagesRequest.getDefaultInstance();
    Encoded first = rig.queries.list(all, ImageRig.soon());

    assertThat(rig.queries.list(all, ImageRig.soon())).isSameAs(first);
    rig.docker.tag("sha256:" + hex("a"), "other:1", ImageRig.soon());
    Eventually.until(
        "the new name is listed", () -> rig.list("").getFirst().getRepoTagsCount() == 2);
  }

  @Test
  void whatOthersDoToImagesIsSeen() {
    rig.docker.addImage(image("a", List.of("busybox:1"), List.of()));
    assertThat(rig.status("busybox:1")).isPresent();

    rig.docker.removeImage("busybox:1", true, ImageRig.soon());

    Eventually.until("the removal is seen", () -> rig.status("busybox:1").isEmpty());
  }

  @Test
  void badReferencesAreRefused() {
    assertKind(Kind.INVALID, () -> rig.status(""));
    assertKind(Kind.INVALID, () -> rig.status("Not A Name"));
    assertKind(Kind.INVALID, () -> rig.list("Not A Name"));
  }

  @Test
  void aDockerThatIsAwayMakesNoEmptyAnswers() {
    rig.docker.addImage(image("a", List.of("busybox:1"), List.of()));
    assertThat(rig.list("")).hasSize(1);
    rig.docker.down();
    rig.docker.disconnect();
    Eventually.until("Docker is missed", () -> !rig.view.health().ready());

    assertKind(Kind.UNAVAILABLE, () -> rig.status("busybox:1"));
    assertKind(Kind.UNAVAILABLE, () -> rig.list(""));

    rig.docker.up();
    rig.awaitDocker();
    assertThat(rig.list("")).hasSize(1);
  }

  private static void assertKind(Kind kind, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(CriException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
