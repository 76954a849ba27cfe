package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "../../etc/passwd", "ABCDEF"})
  void anythingButSixtyFourHexDigitsIsRefusedWithItsText(String text) {
    assertThatThrownBy(() -> new ContainerId(text)).hasMessageContaining("\"" + text + "\"");
    assertThat(ContainerId.isWellFormed(text)).isFalse();
  }

  @Test
  void theShortFormIsWhatDockerPrints() {
    assertThat(new ContainerId("0123456789abcdef".repeat(4)).shortForm()).isEqualTo("0123456789ab");
  }
}
