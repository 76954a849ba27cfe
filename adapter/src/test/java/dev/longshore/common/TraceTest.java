package dev.longshore.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TraceTest {
  @Test
  void stepsAreWithinTheCallThatTheThreadWorksFor() throws Exception {
    try (Recording recording = new Recording()) {
      String answer =
          Trace.call(
              "Run",
              "",
              true,
              () -> Trace.step("outer", Trace.Kind.INTERNAL, () -> step("inner", "answer")));
      assertThat(answer).isEqualTo("answer");
      assertThat(recording.ended()).containsExactly("Run > outer > inner", "Run > outer", "Run");
    }
  }

  @Test
  void aStepOutsideACallIsDoneAndNotRecorded() throws Exception {
    try (Recording recording = new Recording()) {
      assertThat(step("alone", "done")).isEqualTo("done");
      assertThat(Trace.call("List", "", false, () -> step("in a read", "done"))).isEqualTo("done");
      assertThat(recording.ended()).isEmpty();
    }
  }

  @Test
  void aFailureIsToldAndThrownOn() {
    try (Recording recording = new Recording()) {
      assertThatThrownBy(
              () ->
                  Trace.call(
                      "Run",
                      "",
                      true,
                      () -> {
                        throw new IllegalStateException("no");
                      }))
          .isInstanceOf(IllegalStateException.class);
      assertThat(recording.ended()).containsExactly("Run: no");
    }
  }

  @Test
  void workInFlightIsWithinTheCallThatBeganIt() throws Exception {
    InFlight<String, String> work = new InFlight<>("work");
    Deadline soon = Deadline.in(Duration.ofSeconds(20));
    try (Recording recording = new Recording()) {
      String answer =
          Trace.call("Run", "", true, () -> work.join("x", soon, () -> step("inner", "answer")));
      assertThat(answer).isEqualTo("answer");
      assertThat(recording.ended()).containsExactly("Run > inner", "Run");
    }
  }

  @Test
  void whileNobodyRecordsTheWorkIsJustDone() throws Exception {
    assertThat(Trace.isOn()).isFalse();
    assertThat(Trace.call("Run", "", true, () -> step("inner", "answer"))).isEqualTo("answer");
  }

  private static String step(String name, String answer) {
    return Trace.step(name, Trace.Kind.INTERNAL, () -> answer);
  }
}
