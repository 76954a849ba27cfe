package dev.longshore.logging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogTest {
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";

  private final Logger ours = LoggerFactory.getLogger("dev.longshore.view.Thing");
  private final CapturedLog captured = new CapturedLog();

  @AfterEach
  void restore() {
    captured.close();
  }

  @Test
  void aLineHasTimeLevelClassAndMessage() {
    ours.info("{} of {} are there", 3, 4);
    assertThat(captured.lines())
        .singleElement()
        .asString()
        .matches(TIME + " INFO Thing - 3 of 4 are there");
  }

  @Test
  void aFailureHasItsStack() {
    ours.error("it broke", new IllegalStateException("the reason"));
    assertThat(captured.lines()).hasSizeGreaterThan(2);
    assertThat(captured.lines().get(1)).isEqualTo("java.lang.IllegalStateException: the reason");
    assertThat(captured.lines().get(2)).startsWith("\tat " + LogTest.class.getName());
  }

  @Test
  void jsonIsOneObjectALineWithTheFieldsOfTheEvent() throws Exception {
    Log.set(Level.INFO, Log.Form.JSON);
    String odd = "say \"a\\b\"\n\tand \u0001 ü";
    ours.atWarn()
        .addKeyValue("millis", 12L)
        .addKeyValue("subject", odd)
        .setCause(new IllegalStateException("the reason"))
        .log("{} failed", odd);

    assertThat(captured.lines()).hasSize(1);
    JsonNode line = new ObjectMapper().readTree(captured.lines().getFirst());
    assertThat(line.path("time").asText()).matches(TIME);
    assertThat(line.path("level").asText()).isEqualTo("warn");
    assertThat(line.path("logger").asText()).isEqualTo("dev.longshore.view.Thing");
    assertThat(line.path("message").asText()).isEqualTo(odd + " failed");
    assertThat(line.path("subject").asText()).isEqualTo(odd);
    assertThat(line.path("millis").isNumber()).isTrue();
    assertThat(line.path("error").asText())
        .startsWith("java.lang.IllegalStateException: the reason\n\tat ");
  }

  @Test
  void theLevelChangesForLoggersThatAreThere() {
    ours.debug("not told");
    Log.set(Level.DEBUG, Log.Form.TEXT);
    ours.debug("told");
    Log.set(Level.ERROR, Log.Form.TEXT);
    ours.warn("not told");
    assertThat(captured.lines()).singleElement().asString().endsWith("told");
  }

  @Test
  void librariesOnlyWarnAtEveryLevelSinceTheHttpClientWouldWriteCredentials() {
    Log.set(Level.TRACE, Log.Form.TEXT);
    Logger wire = LoggerFactory.getLogger("org.apache.hc.client5.http.wire");
    assertThat(wire.isInfoEnabled()).isFalse();
    assertThat(LoggerFactory.getLogger("dev.longshorex.Other").isInfoEnabled()).isFalse();
    wire.warn("a warning");
    assertThat(captured.lines()).hasSize(1);
    Log.set(Level.ERROR, Log.Form.TEXT);
    wire.warn("a warning");
    assertThat(captured.lines()).hasSize(1);
  }

  @Test
  void whatComesByJavaLoggingIsALineToo() {
    LogRecord event = new LogRecord(java.util.logging.Level.WARNING, "lost {0}");
    event.setParameters(new Object[] {"it"});
    event.setLoggerName("io.grpc.Thing");
    JavaLogging handler = new JavaLogging();
    handler.publish(event);
    event.setLevel(java.util.logging.Level.INFO);
    handler.publish(event);
    assertThat(captured.lines()).singleElement().asString().matches(TIME + " WARN Thing - lost it");
  }
}
