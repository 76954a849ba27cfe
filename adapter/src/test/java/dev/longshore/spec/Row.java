package dev.longshore.spec;

import dev.longshore.common.CriException.Kind;

/**
 * What becomes of one field of a request.
 *
 * @param field path from the configuration; one that ends in a message stands for all below it
 * @param text the field set, in protobuf's text format
 */
record Row(String field, String text, Fate fate) {
  /** What becomes of a field. */
  sealed interface Fate {}

  /** {@code json} stands at {@code pointer} of Docker's create request. */
  record Mapped(String pointer, String json) implements Fate {}

  /** The request fails, and the message contains {@code words}. */
  record Refused(Kind kind, String words) implements Fate {}

  /** Docker has no part in it; {@code reason} says who has. */
  record NotDockers(String reason) implements Fate {}

  static Row mapped(String field, String text, String pointer, String json) {
    return new Row(field, text, new Mapped(pointer, json));
  }

  static Row refused(String field, String text, Kind kind, String words) {
    return new Row(field, text, new Refused(kind, words));
  }

  static Row notDockers(String field, String reason) {
    return new Row(field, "", new NotDockers(reason));
  }

  boolean covers(String path) {
    return path.equals(field) || path.startsWith(field + ".");
  }

  @Override
  public String toString() {
    return field + " <" + text + ">";
  }
}
