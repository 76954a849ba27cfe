package dev.longshore.docker;

import java.util.List;

/** A command to run in a container; output streams are attached, {@code stdin} on request. */
public record ExecSpec(List<String> command, boolean stdin, boolean tty) {
  public ExecSpec {
    command = List.copyOf(command);
  }
}
