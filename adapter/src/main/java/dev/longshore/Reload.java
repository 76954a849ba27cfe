package dev.longshore;

import dev.longshore.config.Options;
import dev.longshore.config.OptionsException;
import dev.longshore.logging.Log;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The settings in force, and how some of them change while the server runs. A configuration that is
 * wrong changes nothing. Thread-safe.
 */
final class Reload {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);
  // Keys of what takes effect at once; everything else needs a restart.
  private static final Set<String> LIVE = Set.of("logLevel", "logFormat");

  // Both are written under the lock of run, and read by whoever asks.
  private volatile Map<String, String> inForce;
  private volatile List<String> pending = List.of();

  Reload(Options options) {
    inForce = options.shown();
  }

  /** Makes these the settings of the log. */
  static void log(Options.Telemetry wanted) {
    Log.set(
        switch (wanted.logLevel()) {
          case TRACE -> Level.TRACE;
          case DEBUG -> Level.DEBUG;
          case INFO -> Level.INFO;
          case WARN -> Level.WARN;
          case ERROR -> Level.ERROR;
        },
        switch (wanted.logFormat()) {
          case TEXT -> Log.Form.TEXT;
          case JSON -> Log.Form.JSON;
        });
  }

  /** The settings by name, as they are in force. */
  Map<String, String> inForce() {
    return inForce;
  }

  /** What is configured and not in force, sentence by sentence. */
  List<String> pending() {
    return pending;
  }

  /** Reads anew, takes over what can change, and says what did and what needs a restart. */
  synchronized void run(Supplier<Options> reread) {
    Options fresh;
    try {
      fresh = reread.get();
    } catch (OptionsException e) {
      e.problems().forEach(problem -> log.error("the configuration is wrong: {}", problem));
      log.error("the configuration was not reloaded: what was in force stays so");
      return;
    }
    Map<String, String> now = new LinkedHashMap<>(inForce);
    List<String> changed = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    fresh
        .shown()
        .forEach(
            (key, value) -> {
              String before = now.getOrDefault(key, "");
              if (before.equals(value)) {
                return;
              }
              if (LIVE.contains(key)) {
                changed.add("%s is now \"%s\" (was \"%s\")".formatted(key, value, before));
                now.put(key, value);
              } else {
                waiting.add(
                    "%s is \"%s\" until a restart makes it \"%s\"".formatted(key, before, value));
              }
            });
    inForce = Collections.unmodifiableMap(now);
    pending = List.copyOf(waiting);
    String sentence = changed.isEmpty() ? "nothing changed" : String.join("; ", changed);
    log.info("configuration reloaded: {}", sentence);
    waiting.forEach(one -> log.warn("needs a restart: {}", one));
    log(fresh.telemetry());
  }
}
