package dev.longshore.common;

import java.util.regex.Pattern;

/** A Docker container id in full: 64 lower-case hexadecimal digits. */
public record ContainerId(String value) implements Comparable<ContainerId> {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

  public ContainerId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a container id is 64 hexadecimal digits, got \"" + value + "\"");
    }
  }

  /** Whether the text could be an id in full; a prefix or anything else is not. */
  public static boolean isWellFormed(String text) {
    return FORM.matcher(text).matches();
  }

  /** The first 12 digits, as Docker prints them. */
  public String shortForm() {
    return value.substring(0, 12);
  }

  @Override
  public int compareTo(ContainerId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
