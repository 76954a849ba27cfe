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
    return new Finder(text).value(key);
  }

  /**
   * Looks keys up one after the other. One that stands behind the one before costs no second look
   * at what is between; any order is right.
   */
  static final class Finder {
    private final String text;
    private int behind;

    Finder(String text) {
      this.text = text;
    }

    /** The value of a key; empty when there is no such line. */
    OptionalLong value(String key) {
      int line = find(key, behind, text.length());
      if (line < 0) {
        line = find(key, 0, behind);
      }
      if (line < 0) {
        return OptionalLong.empty();
      }
      int end = end(line);
      behind = Math.min(end + 1, text.length());
      return number(text.substring(line + key.length(), end));
    }

    private int find(String key, int from, int to) {
      int line = from;
      while (line < to) {
        int space = line + key.length();
        if (text.startsWith(key, line) && space < text.length() && text.charAt(space) == ' ') {
          return line;
        }
        line = end(line) + 1;
      }
      return -1;
    }

    private int end(int line) {
      int newline = text.indexOf('\n', line);
      return newline < 0 ? text.length() : newline;
    }
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
