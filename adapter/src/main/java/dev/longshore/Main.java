package dev.longshore;

import dev.longshore.bench.Bench;
import dev.longshore.bench.BenchPlan;
import dev.longshore.cli.Command;
import dev.longshore.cli.Commands;
import dev.longshore.cli.SelfTest;
import dev.longshore.common.CriException;
import dev.longshore.config.Options;
import dev.longshore.config.OptionsException;
import dev.longshore.kernel.HangUp;
import dev.longshore.logging.Log;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * Entry point: command line to exit code. Has no logger of its own, since the log's level is a
 * flag.
 */
public final class Main {
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private Main() {}

  static void main(String[] arguments) throws InterruptedException {
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) throws InterruptedException {
    try {
      return switch (Commands.parse(arguments, System.getenv())) {
        case Command.Serve(Options options) -> serve(options, arguments);
        case Command.Prove(Path socket, String image) -> prove(socket, image);
        case Command.Measure(BenchPlan plan) -> measure(plan);
        case Command.ShowVersion() -> print("longshore " + version());
        case Command.ShowText(String text) -> print(text.stripTrailing());
      };
    } catch (OptionsException e) {
      e.problems().forEach(problem -> System.err.println("longshore: " + problem));
      return MISUSED;
    } catch (CriException e) {
      System.err.println("longshore: " + e.getMessage());
      return FAILED;
    }
  }

  /** Returns only by exception: a signal ends the process, and the hook its work. */
  private static int serve(Options options, List<String> arguments) throws InterruptedException {
    Reload.log(options.telemetry());
    Log.takeJavaLogging();
    HangUp.handle(() -> {}); // Until it serves: what has just been read is new enough.
    Server server = Server.start(options, version(), System.getenv());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
    HangUp.handle(() -> server.reload(() -> reread(arguments)));
    Thread.currentThread().join();
    return OK;
  }

  /** What the same command line means now. */
  private static Options reread(List<String> arguments) {
    return switch (Commands.parse(arguments, System.getenv())) {
      case Command.Serve(Options options) -> options;
      case Command other -> throw new IllegalStateException("no server: " + other);
    };
  }

  /**
   * An orderly stop is no failure, though a signal asked for it: 0 in place of 128 + its number.
   */
  private static void stop(Server server) {
    server.close();
    Runtime.getRuntime().halt(OK);
  }

  private static int prove(Path socket, String image) throws InterruptedException {
    quiet();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    return SelfTest.prove(socket, image, out) ? OK : FAILED;
  }

  private static int measure(BenchPlan plan) throws InterruptedException {
    quiet();
    Bench.measure(plan, System.out, System.err);
    return OK;
  }

  private static int print(String text) {
    System.out.println(text);
    return OK;
  }

  /** The build's version, which the jar's manifest carries. */
  private static String version() {
    return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
        .orElse("unbuilt");
  }

  /** For commands that print: only what goes wrong. */
  private static void quiet() {
    Log.set(Level.WARN, Log.Form.TEXT);
    Log.takeJavaLogging();
  }
}
