package dev.longshore.cli;

import dev.longshore.bench.BenchPlan;
import dev.longshore.config.Options;
import java.nio.file.Path;

/** What the command line asks for. */
public sealed interface Command {
  /** Serve the CRI until told to stop. */
  record Serve(Options options) implements Command {}

  /** Prove the server on that socket with a pod; {@code image} must have a shell. */
  record Prove(Path socket, String image) implements Command {}

  /** Measure servers. */
  record Measure(BenchPlan plan) implements Command {}

  /** Print the version. */
  record ShowVersion() implements Command {}

  /** Print a text. */
  record ShowText(String text) implements Command {}
}
