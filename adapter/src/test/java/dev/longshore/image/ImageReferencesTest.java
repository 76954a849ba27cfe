package dev.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.image.ImageReference.Name;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferencesTest {
  private static final String HEX =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String DIGEST = "sha256:" + HEX;

  @ParameterizedTest
  @CsvSource({
    "busybox, busybox:latest, docker.io/library/busybox:latest",
    "busybox:1.36, busybox:1.36, docker.io/library/busybox:1.36",
    "docker.io/busybox, busybox:latest, docker.io/library/busybox:latest",
    "index.docker.io/library/busybox, busybox:latest, docker.io/library/busybox:latest",
    "bitnami/redis:7, bitnami/redis:7, docker.io/bitnami/redis:7",
    "docker.io/library/a/b, library/a/b:latest, docker.io/library/a/b:latest",
    "localhost/tool, localhost/tool:latest, localhost/tool:latest",
    "localhost:5000/tool, localhost:5000/tool:latest, localhost:5000/tool:latest",
    "127.0.0.1:5000/a/b-c__d.e:T_1.x, 127.0.0.1:5000/a/b-c__d.e:T_1.x,"
        + " 127.0.0.1:5000/a/b-c__d.e:T_1.x",
    "[::1]:5000/tool:1, [::1]:5000/tool:1, [::1]:5000/tool:1",
    "Host/tool:1, Host/tool:1, Host/tool:1",
    "registry.example:443/x@DIGEST, registry.example:443/x@DIGEST, registry.example:443/x@DIGEST",
    "busybox:1.36@DIGEST, busybox@DIGEST, docker.io/library/busybox@DIGEST",
    "docker-pullable://busybox@DIGEST, busybox@DIGEST, docker.io/library/busybox@DIGEST",
    "decade:1, decade:1, docker.io/library/decade:1",
  })
  void aNameIsReadWithDockersDefaults(String text, String familiar, String canonical) {
    Name name = ImageReference.parseName(text.replace("DIGEST", DIGEST));

    assertThat(name.familiar()).isEqualTo(familiar.replace("DIGEST", DIGEST));
    assertThat(name.canonical()).isEqualTo(canonical.replace("DIGEST", DIGEST));
    assertThat(name.lookup()).isEqualTo(name.familiar());
  }

  @Test
  void tagAndDigestAreBothKeptButTheDigestDecides() {
    Name name = ImageReference.parseName("quay.io/x/y:v1@" + DIGEST);

    assertThat(name).isEqualTo(new Name("quay.io", "x/y", Optional.of("v1"), Optional.of(DIGEST)));
    assertThat(name).hasToString("quay.io/x/y@" + DIGEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {HEX, DIGEST, "docker://" + DIGEST, "docker-pullable://" + DIGEST})
  void anIdInFullIsAnId(String text) {
    assertThat(ImageReference.parse(text)).isEqualTo(new ImageReference.Id(HEX));
    assertThat(ImageReference.parse(text).lookup()).isEqualTo(DIGEST);
  }

  @Test
  void anIdMarkedAsSuchMayBeShort() {
    assertThat(ImageReference.parse("sha256:0123abc").lookup()).isEqualTo("sha256:0123abc");
  }

  @Test
  void anIdCannotBePulled() {
    assertThatThrownBy(() -> ImageReference.parseName(DIGEST))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(CriException.Kind.INVALID))
        .hasMessageContaining(DIGEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"decade", "0123456789ab", "0123456789abcdef0123456789abcdef"})
  void aWordOfHexDigitsIsLookedUpAsItIsBecauseItMayBeginAnId(String text) {
    assertThat(ImageReference.parse(text).lookup()).isEqualTo(text);
    assertThat(ImageReference.parseName(text).familiar()).isEqualTo(text + ":latest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cafe", "ada", "beef0"})
  void aShortWordOfHexDigitsIsANameOnly(String text) {
    assertThat(ImageReference.parse(text).lookup()).isEqualTo(text + ":latest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Busybox",
        "busybox:",
        "busybox:-x",
        "busybox:a b",
        "busybox@",
        "busybox@sha256:0123",
        "busybox@md5",
        "a//b",
        "/a",
        "a/",
        "a_-b",
        "-a",
        "host:99999999/a",
        "ho_st.example/a",
        "localhost:5000/",
        "docker://",
        "sha256:",
        "busybox\n",
        "../../etc/passwd",
        "https://registry.example/x",
        "busybox@sha256:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
      })
  void whatIsNoReferenceIsRefusedWithItsText(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(CriException.Kind.INVALID))
        .hasMessageContaining("\"" + text + "\" is no image reference: ");
  }

  @Test
  void lengthsAreBounded() {
    String longest = "a".repeat(255 - "docker.io/library/".length());

    assertThat(ImageReference.parseName(longest).familiar()).isEqualTo(longest + ":latest");
    assertThatThrownBy(() -> ImageReference.parse(longest + "a"))
        .hasMessageContaining("more than 255 characters");
    assertThatThrownBy(() -> ImageReference.parse("busybox:" + "a".repeat(129)))
        .hasMessageContaining("tag");
    assertThatThrownBy(() -> ImageReference.parse("a".repeat(100_000)))
        .hasMessageContaining("100000 characters is too long")
        .message()
        .hasSizeLessThan(300);
  }
}
