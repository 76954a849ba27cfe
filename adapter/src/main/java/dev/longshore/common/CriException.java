package dev.longshore.common;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A failure with a kind for the caller and a sentence for the operator. The sentence says what was
 * tried, on which object, why it failed and what helps; the kind becomes the gRPC status code at
 * the edge, and nowhere else.
 */
public final class CriException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final Kind kind;
  private final String sentence;

  public CriException(Kind kind, String message) {
    this(kind, message, null);
  }

  public CriException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.sentence = message;
  }

  public Kind kind() {
    return kind;
  }

  @Override
  public String getMessage() {
    return sentence;
  }

  /** What a caller can do about a failure. */
  public enum Kind {
    /** The request itself is wrong; repeating it is useless. */
    INVALID,
    /** The named object does not exist. */
    NOT_FOUND,
    /** Another object has the name, with other content. */
    ALREADY_EXISTS,
    /** The object is in a state that forbids the call. */
    NOT_READY,
    /** A bounded resource is used up; try later. */
    EXHAUSTED,
    /** Docker or the network is away; try later. */
    UNAVAILABLE,
    /** The deadline passed. */
    TIMED_OUT,
    /** The caller went away. */
    CANCELLED,
    /** Longshore, or this Docker Engine, does not offer the call. */
    UNSUPPORTED,
    /**
     * A failure that has a name of the CRI's own, such as {@code RegistryUnavailable}, with which
     * its sentence begins, before a colon.
     */
    NAMED,
    /** Anything else: a bug or an answer nobody expected. */
    INTERNAL
  }
}
