package dev.longshore.streaming;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** How an exec or attach ended, as its client is told. */
sealed interface Outcome {
  /** What {@code ObjectMapper} makes is thread-safe. */
  ObjectMapper JSON = new ObjectMapper();

  /** The command, if there was one, ended with this code. */
  record Exited(int code) implements Outcome {}

  /** It was not possible. */
  record Failed(String reason) implements Outcome {}

  /** Kubernetes' {@code metav1.Status}, whose causes carry the exit code. */
  default String json() {
    ObjectNode status = JSON.createObjectNode();
    status.putObject("metadata");
    switch (this) {
      case Exited(int code) when code == 0 -> status.put("status", "Success");
      case Exited(int code) -> {
        status.put("status", "Failure").put("message", text()).put("reason", "NonZeroExitCode");
        status
            .putObject("details")
            .putArray("causes")
            .addObject()
            .put("reason", "ExitCode")
            .put("message", Integer.toString(code));
      }
      case Failed(String reason) -> {
        status.put("status", "Failure").put("message", reason).put("reason", "InternalError");
        status.putObject("details").putArray("causes").addObject().put("message", reason);
        status.put("code", 500);
      }
    }
    return status.toString();
  }

  /** Empty for success. */
  default String text() {
    return switch (this) {
      case Exited(int code) when code == 0 -> "";
      case Exited(int code) -> "command terminated with non-zero exit code: " + code;
      case Failed(String reason) -> reason;
    };
  }
}
