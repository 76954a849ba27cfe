package dev.longshore.kernel;

import java.util.OptionalLong;

/**
 * Files of lines {@code key value} and files of one value, as cgroups have them (kernel
 * cgroup-v2.rst, "Format"). The order of lines means nothing.
 */
final class FlatKeyed {
  // v1 says "no limit" with the largest number of whole pages that fits a signed 64 bit number,
  // old kernels with all 64 bits set; the kubelet draws the line here too.
  private static final long NO_LIMIT = 1L << 62;

  private FlatKeyed() {}

  /** The value of a key; empty when there is no such line. */
  static OptionalLong value(String text, String key) {
    int line = 0;
    while (line < text.length()) {
      int newline = text.indexOf('\n', line);
      int end = newline < 0 ? text.length() : newline;
      int space = line + key.length();
      if (space < end && text.charAt(space) == ' ' && text.startsWith(key, line)) {
        return number(text.substring(space, end));
      }
      line = end + 1;
    }
    return OptionalLong.empty();
  }

  /** The number a file consists of; empty for anything else. */
  static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseUnsignedLong(text.strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** A limit: empty for {@code max} and for the numbers that mean it. */
  static OptionalLong limit(OptionalLong number) {
    long value = number.orElse(-1);
    return value < 0 || value > NO_LIMIT ? OptionalLong.empty() : number;
  }
}
