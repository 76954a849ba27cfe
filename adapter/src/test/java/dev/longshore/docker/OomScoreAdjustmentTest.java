package dev.longshore.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.OomScoreAdjustment.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OomScoreAdjustmentTest {
  private static final ResourceSpec PAUSE = ResourceSpec.NONE.withOomScoreAdj(-998);
  private static final String SILENT =
      "failed to create shim task: OCI runtime create failed: runc create failed: unable to start"
          + " container process: can't get final child's PID from pipe: EOF: unknown";
  private static final String NAMED =
      "crun: write to `/proc/self/oom_score_adj`: Permission denied: OCI permission denied";

  private final OomScoreAdjustment auto = new OomScoreAdjustment(Mode.AUTO, Optional.empty());
  private final List<OptionalLong> tried = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(
      strings = {
        SILENT,
        NAMED,
        "OCI runtime create failed: container_linux.go:380: starting container process caused:"
            + " process_linux.go:402: getting the final child's pid from pipe caused: EOF: unknown",
        "OCI runtime create failed: container_linux.go:349: starting container process caused"
            + " \"process_linux.go:319: getting the final child's pid from pipe caused"
            + " \\\"EOF\\\"\"",
        "can't get final child's PID from pipe: EOF; runc init error(s): nsexec[1579]: failed to"
            + " update /proc/self/oom_score_adj: Permission denied"
      })
  void refusalsInTheWordsOfTheRuntimesAreLearned(String text) {
    assertThat(auto.warning()).isEmpty();
    assertThat(auto.learn(failure(text))).isTrue();
    assertThat(auto.apply(PAUSE).oomScoreAdj()).hasValue(0);
    assertThat(auto.warning())
        .get()
        .asString()
        .contains(text)
        .contains("--restrict-oom-score-adj=always");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "exec: \"nope\": executable file not found in $PATH",
        "Invalid value -2000, range for oom score adj is [-1000, 1000]",
        "open /proc/self/oom_score_adj: no such file or directory"
      })
  void otherFailuresTeachNothing(String text) {
    assertThat(auto.learn(failure(text))).isFalse();
    assertThat(auto.apply(PAUSE)).isEqualTo(PAUSE);
  }

  @Test
  void aRefusedStartIsTriedOnceMoreWithZeroAndLaterOnesStartWithZero() {
    assertThat(auto.withClamping(PAUSE, this::refuse)).isEqualTo("started");
    assertThat(auto.withClamping(PAUSE, this::refuse)).isEqualTo("started");
    assertThat(tried)
        .containsExactly(OptionalLong.of(-998), OptionalLong.of(0), OptionalLong.of(0));
  }

  @Test
  void aFailureThatZeroDoesNotCureIsNotBlamedOnTheValue() {
    assertThatThrownBy(
            () ->
                auto.withClamping(
                    PAUSE,
                    resources -> {
                      throw failure(SILENT);
                    }))
        .hasMessage(SILENT);
    assertThat(auto.warning()).isEmpty();
    assertThat(auto.apply(PAUSE)).isEqualTo(PAUSE);
  }

  @Test
  void onceANegativeValueWasGrantedOnlyAClearRefusalCounts() {
    auto.withClamping(PAUSE, _ -> "started");
    assertThat(auto.learn(failure(SILENT))).isFalse();
    assertThat(auto.learn(failure(NAMED))).isTrue();
  }

  @Test
  void failuresOfOtherContainersAreNotRetried() {
    ResourceSpec burstable = ResourceSpec.NONE.withOomScoreAdj(900);
    assertThatThrownBy(
            () ->
                auto.withClamping(
                    burstable,
                    resources -> {
                      tried.add(resources.oomScoreAdj());
                      throw failure(SILENT);
                    }))
        .hasMessage(SILENT);
    assertThat(tried).hasSize(1);
  }

  @Test
  void neverGivesWhatIsAskedAndTheFailure() {
    var never = new OomScoreAdjustment(Mode.NEVER, Optional.of("a guess"));
    assertThat(never.apply(PAUSE)).isEqualTo(PAUSE);
    assertThatThrownBy(() -> never.withClamping(PAUSE, this::refuse)).hasMessage(SILENT);
    assertThat(never.warning()).isEmpty();
  }

  @Test
  void alwaysClampsNegativesOnly() {
    var always = new OomScoreAdjustment(Mode.ALWAYS, Optional.empty());
    assertThat(always.apply(PAUSE).oomScoreAdj()).hasValue(0);
    assertThat(always.apply(ResourceSpec.NONE.withOomScoreAdj(5)).oomScoreAdj()).hasValue(5);
    assertThat(always.apply(ResourceSpec.NONE)).isEqualTo(ResourceSpec.NONE);
    assertThat(always.warning()).isEmpty();
  }

  @Test
  void whatThisProcessMayDoIsAFirstGuess() {
    String host = "         0          0 4294967295\n";
    assertThat(OomScoreAdjustment.guess("Name:\tx\nCapEff:\t000001ffffffffff\n", host)).isEmpty();
    assertThat(OomScoreAdjustment.guess("Name:\tx\nCapEff:\t000001fffeffffff\n", host))
        .get()
        .asString()
        .contains("CAP_SYS_RESOURCE");
    assertThat(OomScoreAdjustment.guess("CapEff:\t000001ffffffffff\n", "0 100000 65536\n"))
        .get()
        .asString()
        .contains("user namespace");
    assertThat(OomScoreAdjustment.guess("", "")).isEmpty();
  }

  private String refuse(ResourceSpec resources) {
    tried.add(resources.oomScoreAdj());
    if (resources.oomScoreAdj().orElse(0) < 0) {
      throw failure(SILENT);
    }
    return "started";
  }

  private static CriException failure(String text) {
    return new CriException(Kind.INTERNAL, text);
  }
}
