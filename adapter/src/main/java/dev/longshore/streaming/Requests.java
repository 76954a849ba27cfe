package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.streaming.Target.Streams;

/** What the three requests have in common: fields to check, something that must run. */
final class Requests {
  private Requests() {}

  /** INVALID unless the text says something. */
  static String require(String field, String value) {
    if (value.isBlank()) {
      throw new CriException(Kind.INVALID, field + " is missing");
    }
    return value;
  }

  /** INVALID for no stream at all, or a terminal with a stderr of its own. */
  static Streams streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {
    if (!stdin && !stdout && !stderr) {
      throw new CriException(Kind.INVALID, "one of stdin, stdout and stderr must be set");
    }
    if (tty && stderr) {
      throw new CriException(
          Kind.INVALID, "stderr cannot be set together with tty: a terminal has one output");
    }
    return new Streams(stdin, stdout, stderr, tty);
  }

  /** NOT_READY unless the container runs; {@code verb} completes "cannot …". */
  static EngineState.Running running(String verb, String title, EngineContainer container) {
    if (container.state() instanceof EngineState.Running running) {
      return running;
    }
    throw new CriException(Kind.NOT_READY, "cannot %s %s: it does not run".formatted(verb, title));
  }

  static String title(EngineContainer container) {
    return "%s (%s)".formatted(container.name(), container.id().shortForm());
  }

  static CriException unknown(String verb, String kind, String id) {
    return new CriException(
        Kind.NOT_FOUND, "cannot %s %s %s: no such %s".formatted(verb, kind, id, kind));
  }
}
