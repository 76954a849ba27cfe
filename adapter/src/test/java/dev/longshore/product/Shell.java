package dev.longshore.product;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Commands of a test, with both outputs in one. */
final class Shell {
  private Shell() {}

  /**
   * How a command ended.
   *
   * @param exit its exit code, 128 and more for a signal
   */
  record Ended(int exit, String output) {}

  /** Runs a command that must succeed; its output. */
  static String run(String... command) throws IOException, InterruptedException {
    Ended ended = end(Map.of(), command);
    if (ended.exit() != 0) {
      throw new AssertionError(List.of(command) + " ended with " + ended);
    }
    return ended.output();
  }

  static Ended end(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
