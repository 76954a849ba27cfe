package dev.longshore.logging;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.event.Level;

/** What is logged until it is closed; then the log is as it was. */
public final class CapturedLog implements AutoCloseable {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream before = System.err;

  public CapturedLog() {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
  }

  public List<String> lines() {
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Override
  public void close() {
    System.setErr(before);
    Log.set(Level.INFO, Log.Form.TEXT);
  }
}
