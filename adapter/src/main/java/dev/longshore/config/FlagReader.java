package dev.longshore.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The arguments of one command, read flag by flag. Problems are collected, so that all of them are
 * told at once. One thread.
 */
public final class FlagReader {
  private static final int HELP_WIDTH = 100;

  private final List<String> problems = new ArrayList<>();
  private final List<Flag> flags;
  private final ParseResult result;
  private ConfigFiles files = ConfigFiles.none();

  /**
   * Splits the arguments; the last of a repeated flag counts, and both {@code --a b} and {@code
   * --a=b} are taken.
   */
  public FlagReader(List<Flag> flags, List<String> arguments) {
    this.flags = List.copyOf(flags);
    CommandLine parser = parser("", "", flags);
    result = parser.parseArgs(arguments.toArray(String[]::new));
    result.errors().forEach(e -> problems.add(String.valueOf(e.getMessage())));
    result
        .unmatched()
        .forEach(u -> problems.add("unknown argument \"%s\"; --help lists the flags".formatted(u)));
  }

  /** Text that lists the flags of a command. */
  public static String help(String command, String description, List<Flag> flags) {
    return parser(command, description, flags).getUsageMessage(Ansi.OFF);
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
    return has(flag)
        ? new Setting(flag.key(), result.matchedOptionValue(flag.name(), flag.fallback()), "flag")
        : inFile(flag).orElseGet(() -> new Setting(flag.key(), flag.fallback(), "default"));
  }

  /** What a file gives the flag, where that counts. */
  private Optional<Setting> inFile(Flag flag) {
    return has(flag) ? Optional.empty() : files.setting(flag.key());
  }

  /** Whether the flag was given as an argument. */
  public boolean has(Flag flag) {
    return result.hasMatchedOption(flag.name());
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
    List<String> given =
        has(flag)
            ? result.matchedOption(flag.name()).originalStringValues()
            : List.of(flag.fallback());
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

  private static CommandLine parser(String command, String description, List<Flag> flags) {
    CommandSpec spec = CommandSpec.create().name(command);
    spec.usageMessage()
        .description(description)
        .width(HELP_WIDTH)
        .abbreviateSynopsis(true)
        .sortOptions(false);
    // "@file" and "${sys:…}" in a value are plain text here.
    spec.parser().collectErrors(true).expandAtFiles(false);
    flags.forEach(flag -> spec.addOption(option(flag)));
    return new CommandLine(spec)
        .setInterpolateVariables(false)
        .setOverwrittenOptionsAllowed(true)
        .setUnmatchedArgumentsAllowed(true);
  }

  private static OptionSpec option(Flag flag) {
    var option = OptionSpec.builder(flag.names().toArray(String[]::new));
    if (!flag.takesValue()) {
      return option.arity("0").type(boolean.class).description(flag.help()).build();
    }
    var described = option.arity("1").type(String.class).paramLabel(flag.label());
    return flag.fallback().isEmpty()
        ? described.description(flag.help()).build()
        : described.description(flag.help(), "Default: " + flag.fallback()).build();
  }
}
