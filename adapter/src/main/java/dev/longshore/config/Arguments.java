package dev.longshore.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Arguments split into flags and their values; both {@code --a b} and {@code --a=b} are taken. One
 * thread.
 */
final class Arguments {
  private final Map<String, Flag> flags = new HashMap<>();
  private final Map<Flag, List<String>> given = new HashMap<>();
  private final List<String> problems = new ArrayList<>();

  Arguments(List<Flag> flags, List<String> arguments) {
    flags.forEach(flag -> flag.names().forEach(name -> this.flags.put(name, flag)));
    Deque<String> rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      take(rest.removeFirst(), rest);
    }
  }

  private void take(String argument, Deque<String> rest) {
    int equals = argument.indexOf('=');
    Optional<Flag> known = flag(argument).filter(flag -> equals < 0 || flag.takesValue());
    if (known.isEmpty()) {
      problems.add("unknown argument \"%s\"; --help lists the flags".formatted(argument));
    } else if (equals >= 0) {
      give(known.get(), argument.substring(equals + 1));
    } else if (!known.get().takesValue()) {
      give(known.get(), "");
    } else if (rest.isEmpty() || flag(rest.getFirst()).isPresent()) {
      problems.add("%s needs a value, %s".formatted(argument, known.get().label()));
    } else {
      give(known.get(), rest.removeFirst());
    }
  }

  private Optional<Flag> flag(String argument) {
    int equals = argument.indexOf('=');
    return Optional.ofNullable(flags.get(equals < 0 ? argument : argument.substring(0, equals)));
  }

  private void give(Flag flag, String value) {
    given.computeIfAbsent(flag, _ -> new ArrayList<>()).add(value);
  }

  /** Every value of a flag, in order; empty when it was not given. */
  List<String> values(Flag flag) {
    return given.getOrDefault(flag, List.of());
  }

  /** The value that counts: that given last. */
  Optional<String> value(Flag flag) {
    List<String> values = values(flag);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  /** What could not be taken, as sentences. */
  List<String> problems() {
    return problems;
  }
}
