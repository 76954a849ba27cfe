package dev.longshore.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.logging.CapturedLog;
import dev.longshore.logging.Log;
import dev.longshore.rpc.CallLog.Call;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** What is worth a line at the usual level, info. */
class CallLogTest {
  private static final Call STOP = new Call("StopContainer", "c1", true);
  private static final Call OTHER_STOP = new Call("StopContainer", "c2", true);
  private static final Call LIST = new Call("ListContainers", "", false);

  private final CallLog calls = new CallLog();
  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void restore() {
    log.close();
  }

  @Test
  void aChangeIsToldWithItsObjectItsTimeAndWhatItMade() {
    calls.done(new Call("RunPodSandbox", "shop/web", true), 12, "abc");
    assertThat(lines())
        .singleElement()
        .asString()
        .endsWith("RunPodSandbox shop/web ok in 12 ms: abc");
  }

  @Test
  void asJsonALineHasItsFields() {
    Log.set(Level.INFO, Log.Form.JSON);
    calls.done(new Call("RunPodSandbox", "shop/web", true), 12, "abc");
    assertThat(lines())
        .singleElement()
        .asString()
        .contains(
            "\"method\":\"RunPodSandbox\",\"subject\":\"shop/web\",\"millis\":12,\"result\":\"abc\"");
  }

  @Test
  void aReadThatSucceedsIsNotTold() {
    calls.done(LIST, 1, "");
    assertThat(lines()).isEmpty();
  }

  @Test
  void readsThatFailWhileDockerIsAwayAreNotTold() {
    calls.failed(LIST, 0, away("Docker is away"));
    assertThat(lines()).isEmpty();
  }

  @Test
  void changesThatFailWhileDockerIsAwayAreToldOncePerMethod() {
    calls.failed(STOP, 0, away("cannot stop c1: Docker is away"));
    calls.failed(OTHER_STOP, 0, away("cannot stop c2: Docker is away"));
    calls.failed(STOP, 0, away("cannot stop c1: Docker is away"));
    assertThat(lines()).hasSize(1);
    calls.done(STOP, 0, "");
    calls.failed(STOP, 0, away("cannot stop c1: Docker is away"));
    assertThat(lines()).hasSize(3);
  }

  @Test
  void theSameFailureOfTheSameObjectIsToldOnce() {
    calls.failed(STOP, 0, new CriException(Kind.INTERNAL, "it is stuck"));
    calls.failed(STOP, 0, new CriException(Kind.INTERNAL, "it is stuck"));
    assertThat(lines()).hasSize(1);
    calls.failed(OTHER_STOP, 0, new CriException(Kind.INTERNAL, "it is stuck"));
    calls.failed(STOP, 0, new CriException(Kind.INTERNAL, "it is gone"));
    assertThat(lines()).hasSize(3);
  }

  @Test
  void aFailureAfterASuccessIsNewsAgain() {
    calls.failed(STOP, 0, new CriException(Kind.INTERNAL, "it is stuck"));
    calls.done(STOP, 0, "");
    calls.failed(STOP, 0, new CriException(Kind.INTERNAL, "it is stuck"));
    assertThat(lines()).hasSize(3);
  }

  @Test
  void textOfARequestStaysOnOneLine() {
    assertThat(Texts.subject("a\nINFO forged\u001b[31m")).isEqualTo("a?INFO forged?[31m");
    assertThat(Texts.subject("x".repeat(10_000))).hasSizeLessThan(400);
  }

  private static CriException away(String sentence) {
    return new CriException(Kind.UNAVAILABLE, sentence);
  }

  private List<String> lines() {
    return log.lines();
  }
}
