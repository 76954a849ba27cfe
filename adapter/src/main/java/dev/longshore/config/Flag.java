package dev.longshore.config;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A command-line flag.
 *
 * @param names with their dashes, the one that messages use first
 * @param label what stands for the value in the help; empty for a switch, which takes none
 * @param fallback the value when the flag is not given, as it would be typed
 */
public record Flag(List<String> names, String label, String fallback, String help) {
  private static final Pattern KEY_HUMP = Pattern.compile("-(.)");

  public Flag {
    names = List.copyOf(names);
  }

  /** A flag that takes a value. */
  public static Flag of(String name, String label, String fallback, String help) {
    return new Flag(List.of(name), label, fallback, help);
  }

  /** A flag without a value. */
  public static Flag toggle(String help, String... names) {
    return new Flag(List.of(names), "", "", help);
  }

  /** The name that messages use. */
  public String name() {
    return names.getFirst();
  }

  /** The flag's key in a configuration file: {@code --cni-conf-dir} is {@code cniConfDir}. */
  public String key() {
    return KEY_HUMP
        .matcher(name().substring(2))
        .replaceAll(hump -> hump.group(1).toUpperCase(Locale.ROOT));
  }

  boolean takesValue() {
    return !label.isEmpty();
  }
}
