package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessStatTest {
  @Test
  void aNameMayHoldSpacesAndParentheses() {
    assertThat(
            ProcessStat.parse(
                "42 (tmux: (x) ser) S 7 8 9 34816 42 4194304 1 2 3 4 5 6 7 8 20 0 1 0 12345 1 2\n"))
        .contains(new ProcessStat(42, 'S', 7, 8, 9, 12345));
  }

  @Test
  void aZombieHasEnded() {
    assertThat(new ProcessStat(1, 'Z', 0, 1, 1, 0).ended()).isTrue();
    assertThat(new ProcessStat(1, 'T', 0, 1, 1, 0).ended()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "42", "42 (sh) S 1 2", "x (sh) S 7 8 9 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5"})
  void anotherFormIsNothing(String text) {
    assertThat(ProcessStat.parse(text)).isEmpty();
  }
}
