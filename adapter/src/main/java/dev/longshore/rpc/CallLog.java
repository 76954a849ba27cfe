package dev.longshore.rpc;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line per call: changes at info, reads at debug, failures as warnings. A failure that only
 * repeats itself is told once, and a read that fails since Docker is away not at all: whoever
 * watches Docker has said so. Thread-safe.
 */
final class CallLog {
  private static final Logger log = LoggerFactory.getLogger(CallLog.class);
  private static final int REMEMBERED = 512;

  private final Map<String, String> told =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** Written under the map's lock; spares reads that succeed the lock. */
  private volatile boolean nothingTold = true;

  /**
   * A call as the log names it.
   *
   * @param subject the object, by id or name, as the request has it
   * @param change whether it changes anything
   */
  record Call(String method, String subject, boolean change) {
    /** The subject, fit for a log. */
    String shown() {
      return Texts.subject(subject);
    }
  }

  /** {@code result} is what the call made, such as an id; may be empty. */
  void done(Call call, long millis, String result) {
    forget(call);
    if (!call.change && !log.isDebugEnabled()) {
      return;
    }
    String made = result.isEmpty() ? "" : ": " + result;
    line(call.change ? Level.INFO : Level.DEBUG, call, millis)
        .addKeyValue("result", result)
        .log("{} {} ok in {} ms{}", call.method, call.shown(), millis, made);
  }

  void failed(Call call, long millis, CriException failure) {
    String sentence = Texts.sentence(failure.getMessage());
    line(isNews(call, failure) ? Level.WARN : Level.DEBUG, call, millis)
        .addKeyValue("kind", failure.kind())
        .log("{} {} failed after {} ms: {}", call.method, call.shown(), millis, sentence);
  }

  /** A failure nobody foresaw: a bug, so its stack is told every time. */
  void broke(Call call, long millis, Throwable bug) {
    line(Level.ERROR, call, millis)
        .setCause(bug)
        .log("{} {} broke after {} ms", call.method, call.shown(), millis);
  }

  private static LoggingEventBuilder line(Level level, Call call, long millis) {
    return log.atLevel(level)
        .addKeyValue("method", call.method)
        .addKeyValue("subject", call.shown())
        .addKeyValue("millis", millis);
  }

  private boolean isNews(Call call, CriException failure) {
    Kind kind = failure.kind();
    boolean answer = kind == Kind.NOT_FOUND || kind == Kind.UNAVAILABLE || kind == Kind.CANCELLED;
    if (!call.change && answer) {
      return false;
    }
    // While Docker is away every object fails alike: one line per method says it all.
    boolean away = kind == Kind.UNAVAILABLE;
    String key = away ? call.method : key(call);
    String sentence = away ? kind.name() : failure.getMessage();
    synchronized (told) {
      nothingTold = false;
      return !sentence.equals(told.put(key, sentence));
    }
  }

  private void forget(Call call) {
    if (nothingTold) {
      return;
    }
    synchronized (told) {
      told.remove(call.method);
      told.remove(key(call));
      nothingTold = told.isEmpty();
    }
  }

  private static String key(Call call) {
    return call.method + " " + call.shown();
  }
}
