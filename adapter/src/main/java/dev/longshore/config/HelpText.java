package dev.longshore.config;

import java.util.List;
import java.util.stream.Collectors;

/** The text that lists the flags of a command. */
final class HelpText {
  private static final int WIDTH = 100;
  private static final String INDENT = " ".repeat(10);

  private HelpText() {}

  static String of(String command, String description, List<Flag> flags) {
    return "Usage: %s [FLAGS]%n%s%n%s"
        .formatted(
            command, description, flags.stream().map(HelpText::flag).collect(Collectors.joining()));
  }

  private static String flag(Flag flag) {
    String names = String.join(", ", flag.names());
    String head = flag.takesValue() ? names + "=" + flag.label() : names;
    String text =
        flag.fallback().isEmpty()
            ? flag.help()
            : "%s Default: %s".formatted(flag.help(), flag.fallback());
    return "  %s%n%s".formatted(head, wrapped(text));
  }

  private static String wrapped(String text) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder(INDENT);
    for (String word : text.split(" ", -1)) {
      if (line.length() + word.length() >= WIDTH) {
        lines.append(line).append(System.lineSeparator());
        line = new StringBuilder(INDENT);
      }
      line.append(line.length() > INDENT.length() ? " " : "").append(word);
    }
    return lines.append(line).append(System.lineSeparator()).toString();
  }
}
