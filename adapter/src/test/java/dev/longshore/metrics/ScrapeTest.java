package dev.longshore.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The judge of our metrics finds what is wrong. */
class ScrapeTest {
  private static final String HEAD = "# HELP a_b Help\n# TYPE a_b gauge\n";

  @Test
  void aRightTextHasNoProblem() {
    assertThat(Scrape.of(HEAD + "a_b{c=\"x\\\"y\",d=\"\"} 1\n").problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        HEAD + "a_b 1",
        HEAD + "a_b{c=\"x\"y\"} 1\n",
        HEAD + "a_b{c=x} 1\n",
        HEAD + "a_b 1\na_b 2\n",
        HEAD + "a_c 1\n",
        HEAD + "# HELP c Help\n# TYPE c gauge\n" + HEAD,
        "a_b 1\n",
        "# HELP a_b Help\na_b 1\n",
        "# TYPE a_b gauge\na_b 1\n",
        "# HELP a_b_total Help\n# TYPE a_b_total gauge\n",
        "# HELP a_ms Help\n# TYPE a_ms gauge\n",
        "# HELP a_seconds Help\n# TYPE a_seconds gauge\n# UNIT a_seconds bytes\n",
        "# HELP a_b Help\n# TYPE a_b histogram\na_b_bucket{le=\"+Inf\"} 2\na_b_count 1\n",
        "# HELP a_b_total Help\n# TYPE a_b_total counter\na_b_total -1\n"
      })
  void aWrongTextHasOne(String text) {
    assertThat(Scrape.of(text).problems()).isNotEmpty();
  }
}
