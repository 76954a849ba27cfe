package dev.longshore.logging;

import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.slf4j.event.Level;

/** What is logged, and how. Thread-safe; holds from the next line on. */
public final class Log {
  private static final String OURS = "dev.longshore";

  /** The form of a line. */
  public enum Form {
    /** Time, level, class and message; a failure's stack on lines of its own. */
    TEXT,
    /** One JSON object with the same, and with the fields of calls. */
    JSON
  }

  private static volatile Level ours = Level.INFO;
  private static volatile Form form = Form.TEXT;

  private Log() {}

  /** Sets what is logged; {@code level} is that of Longshore's own classes. */
  public static void set(Level level, Form lines) {
    ours = level;
    form = lines;
  }

  /** From now on what libraries tell java.util.logging comes here, too. */
  public static void takeJavaLogging() {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(java.util.logging.Level.WARNING);
    root.addHandler(new JavaLogging());
  }

  static Form form() {
    return form;
  }

  static boolean isEnabled(String logger, Level level) {
    boolean own = logger.equals(OURS) || logger.startsWith(OURS + ".");
    Level least = own ? ours : loudest(Level.WARN, ours);
    return level.toInt() >= least.toInt();
  }

  private static Level loudest(Level one, Level other) {
    return one.toInt() >= other.toInt() ? one : other;
  }
}
