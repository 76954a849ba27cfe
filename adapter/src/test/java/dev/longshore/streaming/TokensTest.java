package dev.longshore.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final Target TARGET = new Target.PortForward("pod", 1, true, List.of());

  @Test
  void aTokenIsGoodOnce() {
    Tokens tokens = new Tokens(Tokens.LIFE);
    String token = tokens.issue(TARGET);

    assertThat(tokens.redeem(token)).contains(TARGET);
    assertThat(tokens.redeem(token)).isEmpty();
  }

  @Test
  void aTokenHas128BitsAndNoneIsLikeAnother() {
    Tokens tokens = new Tokens(Tokens.LIFE);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      String token = tokens.issue(TARGET);
      assertThat(Base64.getUrlDecoder().decode(token)).hasSize(16);
      seen.add(token);
    }
    assertThat(seen).hasSize(100);
  }

  @Test
  void anOldTokenIsGoodForNothing() {
    Tokens tokens = new Tokens(Duration.ZERO);

    assertThat(tokens.redeem(tokens.issue(TARGET))).isEmpty();
  }

  @Test
  void onlySoManyWaitAtOnce() {
    Tokens tokens = new Tokens(Tokens.LIFE);
    String first = tokens.issue(TARGET);
    for (int i = 1; i < Tokens.MOST; i++) {
      tokens.issue(TARGET);
    }

    assertThatThrownBy(() -> tokens.issue(TARGET))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EXHAUSTED))
        .hasMessageContaining("pod")
        .hasMessageContaining("1000");
    tokens.redeem(first);
    assertThat(tokens.issue(TARGET)).isNotEmpty();
  }

  @Test
  void thoseThatGrewTooOldMakeRoom() {
    Tokens tokens = new Tokens(Duration.ZERO);
    for (int i = 0; i < Tokens.MOST + 1; i++) {
      assertThat(tokens.issue(TARGET)).isNotEmpty();
    }
  }
}
