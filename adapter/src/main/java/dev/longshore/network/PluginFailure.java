package dev.longshore.network;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.io.Serial;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A plugin that did not do what it was asked. The message names the plugin, the verb, the network
 * and the sandbox, and gives the plugin's own words.
 */
final class PluginFailure extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private static final int NO_CODE = 0;

  // Codes of the specification, section "Error".
  private static final int UNKNOWN_CONTAINER = 3;
  private static final int BAD_ENVIRONMENT = 4;
  private static final int TRY_AGAIN = 11;
  private static final int NOT_AVAILABLE = 50;
  private static final int LIMITED = 51;

  private final Kind kind;
  private final int code;
  private final String words;
  private final String sentence;

  private PluginFailure(
      Kind kind, int code, String words, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.code = code;
    this.words = words;
    this.sentence = message;
  }

  @Override
  public String getMessage() {
    return sentence;
  }

  /** The plugin said so itself: a non-zero exit with an error in CNI's form. */
  static PluginFailure reported(PluginCall call, int exitCode, int code, String words) {
    Kind kind =
        switch (code) {
          case TRY_AGAIN, NOT_AVAILABLE, LIMITED -> Kind.UNAVAILABLE;
          default -> Kind.INTERNAL;
        };
    return new PluginFailure(
        kind,
        code,
        words,
        "%s: exit code %d: %s (code %d)".formatted(call.what(), exitCode, words, code),
        null);
  }

  /** It failed, or spoke, in no form of CNI's. */
  static PluginFailure unexplained(PluginCall call, String why) {
    return new PluginFailure(Kind.INTERNAL, NO_CODE, why, call.what() + ": " + why, null);
  }

  static PluginFailure notStarted(PluginCall call, Throwable cause) {
    String why = "could not be started: " + cause.getMessage();
    return new PluginFailure(
        Kind.INTERNAL, NO_CODE, why, "%s: %s".formatted(call.what(), why), cause);
  }

  static PluginFailure timedOut(PluginCall call, long millis) {
    String why = "did not end within " + millis + " ms and was killed";
    return new PluginFailure(Kind.TIMED_OUT, NO_CODE, why, call.what() + ": " + why, null);
  }

  static PluginFailure interrupted(PluginCall call, Throwable cause) {
    String why = "was killed because the caller went away";
    return new PluginFailure(Kind.CANCELLED, NO_CODE, why, call.what() + ": " + why, cause);
  }

  /** What the plugin said, or what is known in its place, without the call's description. */
  String words() {
    return words;
  }

  /** The plugin knows no such container, so nothing is left to delete (code 3). */
  boolean isUnknownContainer() {
    return code == UNKNOWN_CONTAINER;
  }

  /** The plugin does not know the verb. */
  boolean isUnknownVerb() {
    return code == BAD_ENVIRONMENT && words.contains("CNI_COMMAND");
  }

  /** Whether it failed only because the network namespace has gone. */
  boolean isMissingNamespace() {
    String lower = words.toLowerCase(Locale.ROOT);
    return lower.contains("no such file or directory")
        && (lower.contains("netns") || lower.contains("namespace") || lower.contains("/ns/net"));
  }

  CriException toCri(String failed) {
    return new CriException(kind, failed + ": " + getMessage(), this);
  }
}
