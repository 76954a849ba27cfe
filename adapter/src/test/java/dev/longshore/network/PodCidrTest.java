package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PodCidrTest {
  @TempDir Path folder = Path.of("");

  private Path file() {
    return folder.resolve("new/pod-cidr");
  }

  @Test
  void whatTheKubeletSentOutlivesARestartAndTheOption() {
    new PodCidr(file(), "").set("10.1.0.0/24, fd01::/64");
    assertThat(new PodCidr(file(), "10.9.0.0/24").cidrs())
        .containsExactly("10.1.0.0/24", "fd01::/64");
  }

  @Test
  void theOptionHoldsUntilTheKubeletSendsOne() {
    PodCidr cidr = new PodCidr(file(), "10.9.0.0/24");
    assertThat(cidr.cidrs()).containsExactly("10.9.0.0/24");
    cidr.set("");
    assertThat(cidr.cidrs()).containsExactly("10.9.0.0/24");
    cidr.set("10.1.0.0/24");
    assertThat(cidr.cidrs()).containsExactly("10.1.0.0/24");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.0.0", "10.1.0.0/33", "localhost/8", "10.1.0.0/-1", "x", "::/129"})
  void whatIsNoCidrIsRefused(String text) {
    PodCidr cidr = new PodCidr(file(), "");
    assertThatThrownBy(() -> cidr.set(text))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(text);
    assertThat(cidr.cidrs()).isEmpty();
  }

  @Test
  void aFileThatMakesNoSenseIsPassedOver() throws Exception {
    Files.createDirectories(folder.resolve("new"));
    Files.writeString(file(), "rubbish");
    assertThat(new PodCidr(file(), "10.9.0.0/24").cidrs()).containsExactly("10.9.0.0/24");
  }

  @Test
  void aDiskThatRefusesDoesNotKeepItFromHolding() throws Exception {
    Files.writeString(folder.resolve("new"), "a file in the folder's place");
    PodCidr cidr = new PodCidr(file(), "");
    cidr.set("10.1.0.0/24");
    assertThat(cidr.cidrs()).containsExactly("10.1.0.0/24");
  }
}
