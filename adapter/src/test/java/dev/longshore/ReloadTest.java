package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.config.Options;
import dev.longshore.config.OptionsException;
import dev.longshore.config.OptionsParser;
import dev.longshore.logging.CapturedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ReloadTest {
  private final Reload reload = new Reload(options());
  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void restore() {
    log.close();
  }

  @Test
  void theLevelAndTheFormOfTheLogChangeAtOnce() {
    reload.run(() -> options("--log-level=debug", "--log-format=json"));

    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains(
            "configuration reloaded",
            "logLevel is now \"debug\" (was \"info\")",
            "logFormat is now \"json\" (was \"text\")");
    LoggerFactory.getLogger(Reload.class).debug("as JSON");
    assertThat(log.lines().getLast()).startsWith("{").contains("\"message\":\"as JSON\"");
    assertThat(reload.inForce()).containsEntry("logLevel", "debug");
    assertThat(reload.pending()).isEmpty();
  }

  @Test
  void whatNeedsARestartIsToldAndRemembered() {
    reload.run(() -> options("--docker-max-calls=3"));

    String sentence = "dockerMaxCalls is \"16\" until a restart makes it \"3\"";
    assertThat(log.lines()).anyMatch(line -> line.endsWith("needs a restart: " + sentence));
    assertThat(reload.pending()).containsExactly(sentence);
    assertThat(reload.inForce()).containsEntry("dockerMaxCalls", "16");

    reload.run(ReloadTest::options);
    assertThat(reload.pending()).isEmpty();
  }

  @Test
  void aConfigurationThatIsWrongChangesNothingAndHasAllItsProblemsTold() {
    reload.run(
        () -> {
          throw new OptionsException(List.of("a.yaml:1: first", "a.yaml:7: second"));
        });

    assertThat(log.lines()).hasSize(3);
    assertThat(log.lines().get(0)).contains("ERROR").endsWith("a.yaml:1: first");
    assertThat(log.lines().get(1)).endsWith("a.yaml:7: second");
    assertThat(log.lines().get(2)).endsWith("what was in force stays so");
    assertThat(reload.inForce()).isEqualTo(options().shown());
  }

  private static Options options(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--config="));
    all.addAll(List.of(arguments));
    return OptionsParser.parse(all, Map.of());
  }
}
