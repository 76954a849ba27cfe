package dev.longshore.logging;

import java.io.Serial;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.LoggingEventAware;

/** A logger that writes a line per event. Thread-safe. */
final class LineLogger extends LegacyAbstractLogger implements LoggingEventAware {
  @Serial private static final long serialVersionUID = 1L;

  LineLogger(String name) {
    this.name = name;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String message,
      Object @Nullable [] arguments,
      @Nullable Throwable failure) {
    write(level, message, arguments, failure, List.of());
  }

  @Override
  public void log(LoggingEvent event) {
    @Nullable List<KeyValuePair> fields = event.getKeyValuePairs();
    write(
        event.getLevel(),
        event.getMessage(),
        event.getArgumentArray(),
        event.getThrowable(),
        fields == null ? List.of() : fields);
  }

  private void write(
      Level level,
      String message,
      Object @Nullable [] arguments,
      @Nullable Throwable failure,
      List<KeyValuePair> fields) {
    String text = String.valueOf(MessageFormatter.basicArrayFormat(message, arguments));
    Line line = new Line(Instant.now(), level, name, text, fields, Optional.ofNullable(failure));
    line.print(System.err);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  public boolean isTraceEnabled() {
    return Log.isEnabled(name, Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return Log.isEnabled(name, Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return Log.isEnabled(name, Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return Log.isEnabled(name, Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return Log.isEnabled(name, Level.ERROR);
  }
}
