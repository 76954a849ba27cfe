package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeptPartsTest {
  private final KeptParts<String, String> parts = new KeptParts<>();
  private final List<String> made = new ArrayList<>();

  @Test
  void aPartIsMadeOnceWhileItsSourceIsTheSame() {
    byte[] first = get("a", "running");
    assertThat(get("a", "runn".concat("ing"))).isSameAs(first);
    assertThat(get("a", "exited")).asString(StandardCharsets.UTF_8).isEqualTo("exited");
    assertThat(get("b", "running")).isEqualTo(first).isNotSameAs(first);
    assertThat(made).containsExactly("running", "exited", "running");
  }

  @Test
  void whatIsNoMoreIsDroppedOnceThereIsMuchOfIt() {
    for (int i = 0; i < 1000; i++) {
      get("gone " + i, "x");
    }
    get("a", "x");
    made.clear();
    parts.tidy(1, () -> Set.of("a"));
    get("a", "x");
    assertThat(made).isEmpty();
    get("gone 7", "x");
    assertThat(made).containsExactly("x");
  }

  @Test
  void aFewThatAreNoMoreAreNotSearchedFor() {
    get("a", "x");
    get("gone", "x");
    parts.tidy(
        1,
        () -> {
          throw new AssertionError("searched");
        });
  }

  private byte[] get(String item, String source) {
    return parts.get(
        item,
        source,
        text -> {
          made.add(text);
          return text.getBytes(StandardCharsets.UTF_8);
        });
  }
}
