package dev.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.common.Recording;
import dev.longshore.common.Trace;
import dev.longshore.network.PluginCall.Verb;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PluginRunnerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  private final Path folder;
  private final FakePlugins plugins;
  private final PluginRunner runner = new PluginRunner();

  PluginRunnerTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.plugins = new FakePlugins(folder);
  }

  @Test
  void aPluginGetsItsInputAndCnisVariablesBesideOurOwn() throws Exception {
    String printed = run("cat; echo $CNI_COMMAND $CNI_IFNAME; test -n \"$PATH\"", PATIENCE);
    assertThat(printed).isEqualTo("{\"in\":1}\nADD eth0\n");
  }

  @Test
  void aRunIsAStepOfTheCallThatItIsFor() throws Exception {
    try (Recording recording = new Recording()) {
      String printed = Trace.call("RunPodSandbox", "", true, () -> run("echo hello", PATIENCE));
      assertThat(printed).isEqualTo("hello\n");
      assertThat(recording.ended())
          .containsExactly("RunPodSandbox > cni ADD fake", "RunPodSandbox");
    }
  }

  @Test
  void anErrorInCnisFormIsTold() {
    PluginFailure failure =
        failure("echo '{\"code\":7,\"msg\":\"bad conf\",\"details\":\"no subnet\"}'; exit 1");
    assertThat(failure)
        .hasMessage(
            "plugin fake, ADD for sandbox abc on network pods: exit code 1: bad conf; no subnet"
                + " (code 7)");
    assertThat(failure.toCri("failed").kind()).isEqualTo(Kind.INTERNAL);
  }

  @Test
  void aPluginThatAsksToComeLaterIsUnavailable() {
    PluginFailure failure = failure("echo '{\"code\":11,\"msg\":\"busy\"}'; exit 1");
    assertThat(failure.toCri("failed").kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void rubbishOnStandardOutputIsQuoted() {
    assertThat(failure("echo 'panic: oh'; exit 2"))
        .hasMessageEndingWith("exit code 2, printed \"panic: oh\"");
  }

  @Test
  void longRubbishIsQuotedInPart() {
    assertThat(failure("head -c 5000 /dev/zero | tr '\\0' x; exit 2").getMessage())
        .contains("xxx…")
        .hasSizeLessThan(700);
  }

  @Test
  void standardErrorIsQuotedWhenThereIsNothingElse() {
    assertThat(failure("echo 'panic: oh' >&2; exit 2"))
        .hasMessageEndingWith("exit code 2, printed \"panic: oh\"");
  }

  @Test
  void aSilentFailureIsToldAsSuch() {
    assertThat(failure("exit 3")).hasMessageEndingWith("exit code 3, nothing printed");
  }

  @Test
  void aPluginThatCannotBeStartedIsNamed() {
    PluginCall call =
        new PluginCall(Verb.ADD, folder.resolve("absent"), "sandbox abc", Map.of(), "");
    assertThat(failure(call, PATIENCE))
        .hasMessageStartingWith("plugin absent, ADD for sandbox abc: could not be started:");
  }

  @Test
  void aHungPluginIsKilledAtTheDeadlineWithItsChildren() throws Exception {
    PluginFailure failure =
        failure("sleep 1000 & echo $! $$ > %s/pids; wait".formatted(folder), SHORT);
    assertThat(failure).hasMessageContaining("ms and was killed");
    assertThat(failure.toCri("failed").kind()).isEqualTo(Kind.TIMED_OUT);
    assertPidsEnd();
  }

  @Test
  void anInterruptedCallerLeavesNoPluginBehind() throws Exception {
    PluginCall call = call("sleep 1000 & echo $! $$ > %s/pids; wait".formatted(folder));
    FutureTask<String> told =
        new FutureTask<>(
            () -> {
              PluginFailure failure = failure(call, PATIENCE);
              return failure.toCri("failed").kind() + " " + Thread.currentThread().isInterrupted();
            });
    Thread caller = Thread.ofVirtual().start(told);
    File pids = folder.resolve("pids").toFile();
    await(() -> pids.length() > 0);
    caller.interrupt();
    assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo("CANCELLED true");
    assertPidsEnd();
  }

  @Test
  void tooMuchOutputEndsThePlugin() {
    assertThat(failure("head -c 2000000 /dev/zero; sleep 1000"))
        .hasMessageEndingWith("printed more than 1048576 bytes and was killed");
  }

  @Test
  void anyAmountOfLogsIsTaken() throws Exception {
    assertThat(run("head -c 2000000 /dev/zero >&2; echo '{}'", PATIENCE)).isEqualTo("{}\n");
  }

  @Test
  void aGrandchildThatKeepsTheOutputOpenHoldsNothingUp() throws Exception {
    long start = System.nanoTime();
    String printed = run("sleep 1000 & echo $! > %s/pids; echo '{}'".formatted(folder), PATIENCE);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    assertThat(printed).isEqualTo("{}\n");
    assertThat(took).isLessThan(Duration.ofSeconds(10));
    long pid = Long.parseLong(Files.readString(folder.resolve("pids")).strip());
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }

  @Test
  void aPluginNeedNotReadItsInput() throws Exception {
    PluginCall call = call("echo '{}'", "x".repeat(1_000_000));
    assertThat(runner.run(call, Deadline.in(PATIENCE))).isEqualTo("{}\n");
  }

  @Test
  void aPluginThatHangsWithoutReadingIsKilled() {
    PluginCall call = call("exec sleep 1000", "x".repeat(1_000_000));
    assertThat(failure(call, SHORT)).hasMessageContaining("was killed");
  }

  private void assertPidsEnd() throws Exception {
    for (String pid : Files.readString(folder.resolve("pids")).strip().split(" ", -1)) {
      long number = Long.parseLong(pid);
      await(() -> ProcessHandle.of(number).filter(ProcessHandle::isAlive).isEmpty());
    }
  }

  private static void await(BooleanSupplier done) {
    Deadline deadline = Deadline.in(PATIENCE);
    while (!done.getAsBoolean()) {
      assertThat(deadline.passed()).as("patience is at its end").isFalse();
      Thread.onSpinWait();
    }
  }

  private PluginCall call(String script) {
    return call(script, "{\"in\":1}\n");
  }

  private PluginCall call(String script, String input) {
    return new PluginCall(
        Verb.ADD,
        plugins.script("fake", script),
        "sandbox abc on network pods",
        Map.of("CNI_IFNAME", "eth0"),
        input);
  }

  private String run(String script, Duration time) throws PluginFailure {
    return runner.run(call(script), Deadline.in(time));
  }

  private PluginFailure failure(String script) {
    return failure(script, PATIENCE);
  }

  private PluginFailure failure(String script, Duration time) {
    return failure(call(script), time);
  }

  private PluginFailure failure(PluginCall call, Duration time) {
    try {
      throw new AssertionError(
          "it did not fail but printed " + runner.run(call, Deadline.in(time)));
    } catch (PluginFailure e) {
      return e;
    }
  }
}
