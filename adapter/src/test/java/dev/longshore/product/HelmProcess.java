package dev.longshore.product;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Helm's library in a process of its own: it brings Go's runtime, whose signal handlers can stop a
 * virtual machine for good that has other work to do.
 */
final class HelmProcess {
  /** The name and the namespace of what is rendered. */
  static final String RELEASE = "node";

  static final String NAMESPACE = "longshore";

  private static final String OLDEST_KUBERNETES = "1.24.0";

  private static @Nullable Process process;

  private HelmProcess() {}

  /** What the linter has to say against a chart; empty for nothing. */
  static String lint(Path chart) {
    return run("lint", chart.toString());
  }

  /** A chart rendered with some values. */
  static String template(Path chart) {
    return run("template", chart.toString());
  }

  static String template(Path chart, Path values) {
    return run("template", chart.toString(), values.toString());
  }

  static String template(Path chart, String key, Object value) {
    return run("template", chart.toString(), key, value.toString());
  }

  /** What an install with some values tells: of {@code --dry-run=client}, without a cluster. */
  static String notes(Path chart, Path values) {
    String told = run("notes", chart.toString(), values.toString());
    return told.substring(told.indexOf("\nNOTES:\n") + "\nNOTES:\n".length());
  }

  /** One process serves all: its answers come as a word, a space and Base64. */
  private static synchronized String run(String... arguments) {
    try {
      if (process == null) {
        process = start();
      }
      BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
      BufferedWriter questions = process.outputWriter(StandardCharsets.UTF_8);
      questions.write(String.join("\t", arguments) + "\n");
      questions.flush();
      String[] answer = String.valueOf(answers.readLine()).split(" ", -1);
      String text = new String(Base64.getDecoder().decode(answer[1]), StandardCharsets.UTF_8);
      if (!answer[0].equals("ok")) {
        throw new IllegalArgumentException(text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Process start() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            HelmProcess.class.getName())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** In the other process: answers line by line until its input ends. */
  @SuppressWarnings("SystemOut") // Read by the process that asks.
  public static void main(String[] none) throws IOException {
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = questions.readLine(); line != null; line = questions.readLine()) {
      String word = "ok";
      String text;
      try {
        text = answer(line.split("\t", -1));
      } catch (RuntimeException e) {
        word = "failed";
        text = String.valueOf(e.getMessage());
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      System.out.println(word + " " + Base64.getEncoder().encodeToString(bytes));
    }
  }

  private static String answer(String[] arguments) {
    Helm helm = new Helm(Path.of(arguments[1]));
    if (arguments[0].equals("lint")) {
      LintResult result = helm.lint().strict().call();
      return result.isFailed() ? result.getMessages().toString() : "";
    }
    if (arguments[0].equals("notes")) {
      return dryRun(helm.install()).withValuesFile(Path.of(arguments[2])).call().getOutput();
    }
    TemplateCommand command =
        helm.template()
            .withName(RELEASE)
            .withNamespace(NAMESPACE)
            .withKubeVersion(OLDEST_KUBERNETES);
    return switch (arguments.length) {
      case 2 -> command.call();
      case 3 -> command.withValuesFile(Path.of(arguments[2])).call();
      default -> command.set(arguments[2], arguments[3]).call();
    };
  }

  private static InstallCommand dryRun(InstallCommand command) {
    return command
        .withName(RELEASE)
        .withNamespace(NAMESPACE)
        .withKubeVersion(OLDEST_KUBERNETES)
        .withDryRunOption(DryRun.CLIENT)
        .clientOnly();
  }
}
