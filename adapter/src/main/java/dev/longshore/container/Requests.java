package dev.longshore.container;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;

/** What is wrong with requests, said in one form: field, what is wrong, what helps. */
final class Requests {
  private Requests() {}

  /** INVALID unless the text says something. */
  static String require(String field, String value) {
    if (value.isBlank()) {
      throw new CriException(Kind.INVALID, field + " is missing");
    }
    return value;
  }

  /** INVALID unless the message field was set. */
  static void require(String field, boolean present) {
    if (!present) {
      throw new CriException(Kind.INVALID, field + " is missing");
    }
  }

  /** INVALID unless the path starts at the root. */
  static String requireAbsolute(String field, String path) {
    require(field, path);
    if (!path.startsWith("/")) {
      throw invalid(field, "\"%s\" is not an absolute path".formatted(path));
    }
    return path;
  }

  static CriException invalid(String field, String problem) {
    return new CriException(Kind.INVALID, field + ": " + problem);
  }

  static CriException unsupported(String field, String reason) {
    return new CriException(Kind.UNSUPPORTED, field + ": " + reason);
  }
}
