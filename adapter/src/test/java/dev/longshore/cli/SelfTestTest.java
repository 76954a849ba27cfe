package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.FakeNode;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SelfTestTest {
  private final FakeNode node;
  private final Path folder;

  SelfTestTest(@TempDir Path folder) {
    this.folder = folder;
    node = new FakeNode(folder);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void aGoodServerIsProvenStepByStepAndNothingIsLeft() throws Exception {
    Outcome outcome = prove(FakeNode.IMAGE);
    assertThat(outcome.ok).as(outcome.text).isTrue();
    assertThat(outcome.text.lines())
        .allMatch(line -> line.startsWith("ok") || line.startsWith("selftest ok: 21 steps in"));
    assertThat(outcome.text)
        .containsPattern("ok    RunPodSandbox +\\d+ ms  [0-9a-f]{12}\n")
        .containsPattern("ok    PodSandboxStatus +\\d+ ms  10\\.1\\.0\\.\\d+\n");
    assertThat(node.docker.names()).isEmpty();
    assertThat(node.networks.attached()).isEmpty();
  }

  @Test
  void aFailedStepIsNamedWithItsReasonAndThePodIsRemoved() throws Exception {
    node.docker.onExec(_ -> ExecAnswer.exits(1, "", "it is broken"));
    Outcome outcome = prove(FakeNode.IMAGE);
    assertThat(outcome.ok).isFalse();
    assertThat(outcome.text)
        .contains("fail  ExecSync one: echo")
        .contains("ok    clean-up: RemovePodSandbox");
    assertThat(outcome.text.lines().toList().getLast())
        .isEqualTo(
            "selftest failed at ExecSync one: echo: echo hello ended with code 1: it is broken");
    assertThat(node.docker.names()).isEmpty();
  }

  @Test
  void anImageThatCannotBeHadIsNamed() throws Exception {
    Outcome outcome = prove("example.org/none:1");
    assertThat(outcome.ok).isFalse();
    assertThat(outcome.text)
        .contains("selftest failed at PullImage")
        .contains("example.org/none:1");
  }

  @Test
  void aPodThatDoesNotStartIsNamedWithItsReason() throws Exception {
    node.docker.failNext("start", new CriException(Kind.INTERNAL, "no space left on device"));
    Outcome outcome = prove(FakeNode.IMAGE);
    assertThat(outcome.ok).isFalse();
    assertThat(outcome.text)
        .contains("fail  RunPodSandbox")
        .contains("selftest failed at RunPodSandbox")
        .contains("no space left on device");
    assertThat(node.docker.names()).isEmpty();
  }

  @Test
  void aSocketThatIsNotThereIsNamed() throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    Path nowhere = folder.resolve("nowhere.sock");
    assertThat(SelfTest.prove(nowhere, FakeNode.IMAGE, print(text))).isFalse();
    assertThat(text.toString(StandardCharsets.UTF_8)).contains(nowhere.toString());
  }

  private Outcome prove(String image) throws InterruptedException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    boolean ok = SelfTest.prove(node.socket(), image, print(text));
    return new Outcome(ok, text.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream print(ByteArrayOutputStream text) {
    return new PrintStream(text, true, StandardCharsets.UTF_8);
  }

  private record Outcome(boolean ok, String text) {}
}
