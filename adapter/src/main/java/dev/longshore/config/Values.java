package dev.longshore.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Texts of flags to values. Each throws IllegalArgumentException with a message that completes
 * "--flag must be …".
 */
public final class Values {
  private static final String UNIX = "unix://";
  private static final List<String> SPOOL_DRIVERS = List.of("local", "json-file", "daemon");

  private Values() {}

  /** A Unix socket: {@code unix:///path}, or the path alone. */
  public static Path socket(String text) {
    String path = text.startsWith(UNIX) ? text.substring(UNIX.length()) : text;
    return absolute(path, "a Unix socket such as unix:///run/name.sock");
  }

  public static Path folder(String text) {
    return absolute(text, "an absolute path");
  }

  /** An absolute path, or nothing. */
  static Optional<Path> file(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(absolute(text, "an absolute path"));
  }

  public static List<Path> folders(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(part -> absolute(part.strip(), "absolute paths with commas between"))
        .toList();
  }

  /** An image reference; only what can never be one is refused here. */
  public static String image(String text) {
    if (text.isBlank() || text.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException("an image reference");
    }
    return text;
  }

  static String cni(String text) {
    if (!text.equals("cni")) {
      throw new IllegalArgumentException(
          "cni (kubenet and Docker's own networks are not offered: put a CNI configuration into"
              + " --cni-conf-dir)");
    }
    return text;
  }

  /** Nothing, or networks with commas between. */
  static String cidrs(String text) {
    if (!text.isEmpty() && !Arrays.stream(text.split(",", -1)).allMatch(Values::isCidr)) {
      throw new IllegalArgumentException("networks such as 10.244.1.0/24,fd00:1::/64");
    }
    return text;
  }

  /** An address of this machine's loopback, with a port; without one the port is 0. */
  static InetSocketAddress loopback(String text) {
    return address(text)
        .filter(address -> address.getAddress().isLoopbackAddress())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a loopback address such as 127.0.0.1:0, since what is served there runs"
                        + " commands in containers"));
  }

  /** An address with a port, or nothing for an empty text and 0. */
  static Optional<InetSocketAddress> metrics(String text) {
    if (text.isEmpty() || text.equals("0")) {
      return Optional.empty();
    }
    return Optional.of(
        address(text)
            .filter(address -> address.getPort() > 0 || text.endsWith(":0"))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "an address with a port such as 127.0.0.1:10011, or 0 for none")));
  }

  /** An http or https URL without a user, or nothing. */
  static Optional<URI> receiver(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      URI url = new URI(text);
      boolean known = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      if (known && url.getHost() != null && url.getUserInfo() == null) {
        return Optional.of(url);
      }
    } catch (URISyntaxException e) {
      // The same answer as for another scheme.
    }
    throw new IllegalArgumentException(
        "the URL of an OTLP receiver by HTTP such as http://127.0.0.1:4318, without a user");
  }

  /** A literal address with a port; without one the port is 0. */
  private static Optional<InetSocketAddress> address(String text) {
    String host = text;
    String port = "0";
    int colon = text.lastIndexOf(':');
    if (colon >= 0
        && (text.indexOf(':') == colon || (text.startsWith("[") && !text.endsWith("]")))) {
      host = text.substring(0, colon);
      port = text.substring(colon + 1);
    }
    try {
      InetAddress address = InetAddress.ofLiteral(host.replaceAll("^\\[(.*)]$", "$1"));
      return Optional.of(new InetSocketAddress(address, Integer.parseInt(port)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static int count(String text, int most) {
    return number(text, 1, most);
  }

  /** A whole number in that range, bounds included. */
  public static int number(String text, int least, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The same answer as for a number out of range.
    }
    throw new IllegalArgumentException("a number from " + least + " to " + most);
  }

  static Duration positiveDuration(String text) {
    Duration duration = Durations.parse(text);
    if (duration.isZero()) {
      throw new IllegalArgumentException("longer than 0");
    }
    return duration;
  }

  /** The constant with that name in lower case. */
  static <E extends Enum<E>> E word(Class<E> words, String text) {
    for (E word : words.getEnumConstants()) {
      if (name(word).equals(text)) {
        return word;
      }
    }
    throw noneOf(Arrays.stream(words.getEnumConstants()).map(Values::name).toList());
  }

  static String spoolDriver(String text) {
    if (!SPOOL_DRIVERS.contains(text)) {
      throw noneOf(SPOOL_DRIVERS);
    }
    return text;
  }

  private static IllegalArgumentException noneOf(List<String> words) {
    return new IllegalArgumentException("one of " + String.join(", ", words));
  }

  /** A size as Docker's logging drivers take it. */
  static String size(String text) {
    if (!text.matches("[1-9][0-9]{0,8}[kmg]")) {
      throw new IllegalArgumentException("a size such as 512k, 16m or 1g");
    }
    return text;
  }

  private static String name(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  private static Path absolute(String text, String expected) {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path.normalize();
      }
    } catch (InvalidPathException e) {
      // The same answer as for a relative path.
    }
    throw new IllegalArgumentException(expected);
  }

  private static boolean isCidr(String text) {
    String[] parts = text.strip().split("/", -1);
    try {
      int bits = InetAddress.ofLiteral(parts[0]).getAddress().length * Byte.SIZE;
      int prefix = parts.length == 2 ? Integer.parseInt(parts[1]) : -1;
      return prefix >= 0 && prefix <= bits;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
