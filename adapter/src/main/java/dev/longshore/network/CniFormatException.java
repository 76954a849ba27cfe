package dev.longshore.network;

import java.io.Serial;

/** A configuration, result or cache file that is not of CNI's form; the message says why. */
final class CniFormatException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final String sentence;

  CniFormatException(String message) {
    super(message);
    this.sentence = message;
  }

  CniFormatException(String message, Throwable cause) {
    super(message, cause);
    this.sentence = message;
  }

  @Override
  public String getMessage() {
    return sentence;
  }
}
