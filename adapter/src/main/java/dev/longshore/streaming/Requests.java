package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.EngineContainer;
import dev.longshore.docker.EngineState;
import dev.longshore.streaming.Target.Streams;
import java.util.Optional;

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

  /**
   * What a stream is to lead to.
   *
   * @param title how messages name it
   * @param pid of its first process
   */
  record Subject(EngineContainer container, String title, int pid) {}

  /** NOT_FOUND or NOT_READY unless it is there and runs; {@code verb} completes "cannot …". */
  static Subject running(Optional<EngineContainer> found, String verb, String kind, String id) {
    EngineContainer container =
        found.orElseThrow(
            () ->
                new CriException(
                    Kind.NOT_FOUND, "cannot %s %s %s: no such %s".formatted(verb, kind, id, kind)));
    String title = container.title();
    if (container.state() instanceof EngineState.Running running) {
      return new Subject(container, title, running.pid());
    }
    throw new CriException(
        Kind.NOT_READY, "cannot %s %s %s: it does not run".formatted(verb, kind, title));
  }
}
