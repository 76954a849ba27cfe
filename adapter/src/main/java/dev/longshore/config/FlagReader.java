package dev.longshore.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The arguments of one command, read flag by flag. Problems are collected, so that all of them are
 * told at once. One thread.
 */
public final class FlagReader {
  private final List<String> problems = new ArrayList<>();
  private final List<Flag> flags;
  private final Arguments arguments;
  private ConfigFiles files = ConfigFiles.none();

  /**
   * Splits the arguments; the last of a repeated flag counts, and both {@code --a b} and {@code
   * --a=b} are taken.
   */
  public FlagReader(List<Flag> flags, List<String> arguments) {
    this.flags = List.copyOf(flags);
    this.arguments = new Arguments(flags, arguments);
    problems.addAll(this.arguments.problems());
  }

  /** Text that lists the flags of a command. */
  public static String help(String command, String description, List<Flag> flags) {
    return HelpText.of(command, description, flags);
  }

  /** From now on the files give what the arguments do not; keys that are no flag are problems. */
  void under(ConfigFiles files, Set<String> keys) {
    this.files = files;
    problems.addAll(files.problems());
    for (Setting setting : files.settings()) {
      if (!keys.contains(setting.key())) {
        problems.add(
            "%s: unknown key \"%s\"; 'longshore config print' lists the keys"
                .formatted(setting.place(), setting.key()));
      }
    }
  }

  /** What the flags with these keys are set to, as YAML, with where that comes from. */
  String effective(Set<String> keys) {
    StringBuilder yaml = new StringBuilder();
    flags.stream()
        .filter(flag -> keys.contains(flag.key()))
        .forEach(
            flag -> {
              Setting set = setting(flag);
              yaml.append("%s: %s # %s%n".formatted(flag.key(), quoted(set.text()), set.place()));
            });
    return yaml.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Whether the arguments or a configuration file give the flag a value. */
  boolean given(Flag flag) {
    return has(flag) || inFile(flag).isPresent();
  }

  /** What counts for the flag: the arguments, else the files, else the fallback. */
  private Setting setting(Flag flag) {
    return arguments
        .value(flag)
        .map(text -> new Setting(flag.key(), text, "flag"))
        .or(() -> inFile(flag))
        .orElseGet(() -> new Setting(flag.key(), flag.fallback(), "default"));
  }

  /** What a file gives the flag, where that counts. */
  private Optional<Setting> inFile(Flag flag) {
    return has(flag) ? Optional.empty() : files.setting(flag.key());
  }

  /** Whether the flag was given as an argument. */
  public boolean has(Flag flag) {
    return !arguments.values(flag).isEmpty();
  }

  /**
   * The flag's value, that of a configuration file, or its fallback.
   *
   * @param conversion throws IllegalArgumentException, whose message completes "--flag must be …";
   *     that becomes a problem, and the fallback is returned
   */
  public <T> T read(Flag flag, Function<String, T> conversion) {
    String name = inFile(flag).map(set -> set.place() + ": " + set.key()).orElse(flag.name());
    return check(name, setting(flag).text(), flag.fallback(), conversion);
  }

  /** As {@link #read}, with every value that a repeated flag was given. */
  public <T> List<T> readAll(Flag flag, Function<String, T> conversion) {
    List<String> given = has(flag) ? arguments.values(flag) : List.of(flag.fallback());
    return given.stream()
        .map(text -> check(flag.name(), text, flag.fallback(), conversion))
        .toList();
  }

  /** As {@link #read}, for a value that came by another way. */
  <T> T check(String name, String given, String fallback, Function<String, T> conversion) {
    try {
      return conversion.apply(given);
    } catch (IllegalArgumentException e) {
      problems.add("%s must be %s, got \"%s\"".formatted(name, e.getMessage(), given));
      return conversion.apply(fallback);
    }
  }

  /** Notes what is wrong with values that are right one by one. */
  void problem(String sentence) {
    problems.add(sentence);
  }

  /**
   * Ends the reading.
   *
   * @throws OptionsException with every problem found
   */
  public void finish() {
    if (!problems.isEmpty()) {
      throw new OptionsException(problems);
    }
  }
}
