package dev.longshore.common;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What is traced until it is closed, as paths: {@code call > step}, with why it failed if it did.
 */
public final class Recording implements Trace.Recorder, AutoCloseable {
  private final List<String> ended = new CopyOnWriteArrayList<>();

  public Recording() {
    Trace.recordBy(Optional.of(this));
  }

  public List<String> ended() {
    return ended;
  }

  @Override
  public Optional<Trace.Span> call(String name, String traceparent, boolean important) {
    return important ? Optional.of(new Step(name)) : Optional.empty();
  }

  @Override
  public void close() {
    Trace.recordBy(Optional.empty());
  }

  private final class Step implements Trace.Span {
    private final String path;

    private Step(String path) {
      this.path = path;
    }

    @Override
    public Trace.Span step(String name, Trace.Kind kind) {
      return new Step(path + " > " + name);
    }

    @Override
    public void end(Optional<String> failure) {
      ended.add(path + failure.map(why -> ": " + why).orElse(""));
    }
  }
}
