package dev.longshore.container;

import dev.longshore.docker.EngineState;
import java.util.regex.Pattern;

/** Why a container could not be started, from Docker's words to what a user reads. */
final class StartFailures {
  /** What containerd, runc and the shim put before the cause, layer by layer. */
  private static final Pattern LAYERS =
      Pattern.compile(
          "^((OCI runtime create failed"
              + "|failed to create( shim)?( task)?( for container)?"
              + "|failed to create shim"
              + "|runc (create|start|run) failed"
              + "|[a-z_]+\\.go:\\d+"
              + "|(unable to start container process|starting container process caused)"
              + "|error during container init"
              + "|container_linux\\.go:\\d+"
              + "):? ?)+");

  /** Docker's exit codes for a program that is not there or is none, as a shell has them. */
  private static final int NOT_EXECUTABLE = 126;

  private static final int NOT_FOUND = 127;

  private StartFailures() {}

  /** The cause alone: {@code exec: "nosuch": executable file not found in $PATH}. */
  static String readable(String error) {
    String cause = LAYERS.matcher(error.strip()).replaceFirst("");
    String end = ": unknown";
    String brief = cause.endsWith(end) ? cause.substring(0, cause.length() - end.length()) : cause;
    return brief.isBlank() ? error : brief;
  }

  /** dockershim's word when the program is at fault, containerd's when the container is. */
  static String reason(EngineState.Exited exited) {
    return exited.exitCode() == NOT_FOUND || exited.exitCode() == NOT_EXECUTABLE
        ? "ContainerCannotRun"
        : "StartError";
  }
}
