package dev.longshore.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @Test
  void aHeaderIsReadWithItsSamplingDecision() {
    assertThat(TraceParent.parse("00-" + TRACE + "-" + SPAN + "-01"))
        .hasValue(new TraceParent(TRACE, SPAN, true));
    assertThat(TraceParent.parse("00-" + TRACE + "-" + SPAN + "-00"))
        .hasValue(new TraceParent(TRACE, SPAN, false));
  }

  @Test
  void aLaterVersionMayHaveMoreAtTheEnd() {
    assertThat(TraceParent.parse("01-" + TRACE + "-" + SPAN + "-03-more"))
        .hasValue(new TraceParent(TRACE, SPAN, true));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN
      })
  void anyOtherTextIsNone(String text) {
    assertThat(TraceParent.parse(text)).isEmpty();
  }
}
