package dev.longshore.docker.javaclient;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.util.regex.Pattern;

/** References of images as far as requests need them: safe in a path, never without a tag. */
final class ImageReference {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,511}");

  private ImageReference() {}

  /** The same text, fit for a path. */
  static String checked(String reference) {
    if (!SAFE.matcher(reference).matches() || reference.contains("..")) {
      throw new CriException(
          Kind.INVALID, "\"%s\" is not the name or id of an image".formatted(reference));
    }
    return reference;
  }

  /** With {@code :latest} where neither tag nor digest is: Docker would pull every tag. */
  static String complete(String reference) {
    return checked(reference).contains("@") || hasTag(reference)
        ? reference
        : reference + ":latest";
  }

  /** Everything before the tag. */
  static String repository(String reference) {
    return hasTag(reference) ? reference.substring(0, reference.lastIndexOf(':')) : reference;
  }

  /** The tag, {@code latest} where there is none. */
  static String tag(String reference) {
    return hasTag(reference) ? reference.substring(reference.lastIndexOf(':') + 1) : "latest";
  }

  private static boolean hasTag(String reference) {
    return reference.lastIndexOf(':') > reference.lastIndexOf('/');
  }
}
