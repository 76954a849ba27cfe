package dev.longshore.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.longshore.common.Deadline;
import dev.longshore.common.Trace;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs plugins, each a process that is killed with its descendants when the deadline passes or the
 * caller is interrupted. Stateless and thread-safe; a plugin that hangs blocks its caller only.
 */
final class PluginRunner {
  private static final Logger log = LoggerFactory.getLogger(PluginRunner.class);

  private static final int STDOUT_BOUND = 1 << 20;
  private static final int STDERR_BOUND = 64 << 10;
  private static final int QUOTED_CHARS = 500;
  private static final long GRACE_MILLIS = 500;
  private static final Duration BUSY_PAUSE = Duration.ofMillis(200);

  /** What systemd tells Longshore alone; a plugin that acted on it would speak in our name. */
  private static final List<String> OURS_ALONE =
      List.of(
          "NOTIFY_SOCKET",
          "WATCHDOG_USEC",
          "WATCHDOG_PID",
          "LISTEN_FDS",
          "LISTEN_PID",
          "LISTEN_FDNAMES");

  /**
   * Runs the plugin to its end.
   *
   * @return its standard output
   * @throws PluginFailure when it cannot be started, ends with another exit code than 0, prints
   *     more than 1 MiB, or has to be killed
   */
  String run(PluginCall call, Deadline deadline) throws PluginFailure {
    String step = "cni %s %s".formatted(call.verb(), call.plugin().getFileName());
    return Trace.step(step, Trace.Kind.INTERNAL, () -> runNow(call, deadline));
  }

  private static String runNow(PluginCall call, Deadline deadline) throws PluginFailure {
    long start = System.nanoTime();
    Process process = start(call, deadline);
    PluginOutput stdout = new PluginOutput(STDOUT_BOUND, () -> kill(process));
    PluginOutput stderr = new PluginOutput(STDERR_BOUND, () -> {});
    String name = "cni-" + call.plugin().getFileName() + "-" + process.pid();
    stdout.readFrom(process.getInputStream(), name + "-out");
    stderr.readFrom(process.getErrorStream(), name + "-err");
    feed(process.getOutputStream(), call.input(), name + "-in");
    try {
      if (!process.waitFor(Math.max(0, deadline.left().toNanos()), TimeUnit.NANOSECONDS)) {
        killAndAwait(process);
        throw PluginFailure.timedOut(call, Duration.ofNanos(System.nanoTime() - start).toMillis());
      }
      stdout.awaitEnd(GRACE_MILLIS);
      stderr.awaitEnd(stderr.text().isEmpty() && process.exitValue() != 0 ? GRACE_MILLIS : 0);
    } catch (InterruptedException e) {
      killAndAwait(process);
      Thread.currentThread().interrupt();
      throw PluginFailure.interrupted(call, e);
    }
    return judge(call, process.exitValue(), stdout, stderr);
  }

  private static Process start(PluginCall call, Deadline deadline) throws PluginFailure {
    ProcessBuilder builder = new ProcessBuilder(call.plugin().toString());
    Map<String, String> environment = builder.environment();
    OURS_ALONE.forEach(environment::remove);
    environment.putAll(call.environment());
    environment.put("CNI_COMMAND", call.verb().name());
    while (true) {
      try {
        return builder.start();
      } catch (IOException e) {
        // A plugin that is being installed right now; libcni waits for it too.
        boolean busy = String.valueOf(e.getMessage()).contains("Text file busy");
        if (!busy || deadline.left().compareTo(BUSY_PAUSE) <= 0) {
          throw PluginFailure.notStarted(call, e);
        }
        pause(call);
      }
    }
  }

  private static void pause(PluginCall call) throws PluginFailure {
    try {
      Thread.sleep(BUSY_PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PluginFailure.interrupted(call, e);
    }
  }

  /** Writes on another thread: a plugin that does not read must not hold up the deadline. */
  private static void feed(OutputStream stdin, String input, String threadName) {
    Thread.ofPlatform()
        .daemon()
        .name(threadName)
        .start(
            () -> {
              try (stdin) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
              } catch (IOException e) {
                // A plugin need not read its input (VERSION does not); its exit code tells.
              }
            });
  }

  /** What follows on the same sandbox must not meet a plugin that is still dying. */
  private static void killAndAwait(Process process) {
    kill(process);
    try {
      if (!process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
        log.warn("plugin process {} does not die, it hangs in the kernel", process.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void kill(Process process) {
    try (Stream<ProcessHandle> descendants = process.descendants()) {
      List<ProcessHandle> all = descendants.toList();
      process.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static String judge(
      PluginCall call, int exitCode, PluginOutput stdout, PluginOutput stderr)
      throws PluginFailure {
    if (stdout.exceeded()) {
      throw PluginFailure.unexplained(
          call, "printed more than " + STDOUT_BOUND + " bytes and was killed");
    }
    if (exitCode == 0) {
      return stdout.text();
    }
    String printed = stdout.text().isBlank() ? stderr.text() : stdout.text();
    try {
      ObjectNode error = Json.parseObject(stdout.text());
      if (error.has("msg") || error.has("code")) {
        String details = error.path("details").asText("");
        String words = error.path("msg").asText("") + (details.isEmpty() ? "" : "; " + details);
        throw PluginFailure.reported(call, exitCode, error.path("code").asInt(0), words);
      }
    } catch (CniFormatException e) {
      // Not CNI's form of an error: quoted below.
    }
    throw PluginFailure.unexplained(
        call,
        "exit code %d, %s"
            .formatted(
                exitCode, printed.isBlank() ? "nothing printed" : "printed " + quote(printed)));
  }

  /** The beginning of what a plugin printed, fit for a message. */
  static String quote(String printed) {
    String line = printed.strip().replaceAll("\\p{Cntrl}+", " ");
    return "\""
        + (line.length() <= QUOTED_CHARS ? line : line.substring(0, QUOTED_CHARS) + "…")
        + "\"";
  }
}
