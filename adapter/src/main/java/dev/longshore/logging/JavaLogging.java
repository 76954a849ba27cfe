package dev.longshore.logging;

import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.event.Level;

/** Writes what comes by java.util.logging as our own lines. Thread-safe. */
final class JavaLogging extends Handler {
  private final SimpleFormatter messages = new SimpleFormatter();

  @Override
  public void publish(LogRecord event) {
    Level level = level(event.getLevel().intValue());
    String logger = String.valueOf(event.getLoggerName());
    if (Log.isEnabled(logger, level)) {
      new Line(
              event.getInstant(),
              level,
              logger,
              messages.formatMessage(event),
              List.of(),
              Optional.ofNullable(event.getThrown()))
          .print(System.err);
    }
  }

  private static Level level(int javas) {
    if (javas >= java.util.logging.Level.SEVERE.intValue()) {
      return Level.ERROR;
    }
    return javas >= java.util.logging.Level.WARNING.intValue() ? Level.WARN : Level.INFO;
  }

  @Override
  public void flush() {
    // Every line is flushed.
  }

  @Override
  public void close() {
    // Standard error stays open.
  }
}
