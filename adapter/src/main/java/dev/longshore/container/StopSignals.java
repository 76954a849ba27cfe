package dev.longshore.container;

import static dev.longshore.container.Requests.invalid;

import dev.longshore.cri.v1.Signal;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Names of stop signals: CRI writes {@code SIGRTMINPLUS1} where Docker has {@code SIGRTMIN+1}. */
final class StopSignals {
  private static final Map<String, Signal> BY_DOCKER_NAME =
      Arrays.stream(Signal.values())
          .filter(signal -> signal != Signal.RUNTIME_DEFAULT && signal != Signal.UNRECOGNIZED)
          .collect(Collectors.toMap(StopSignals::dockerName, Function.identity()));

  /** Signals an image may name by number (signal(7), the common architectures). */
  private static final Map<String, Signal> BY_NUMBER =
      Map.of(
          "1", Signal.SIGHUP,
          "2", Signal.SIGINT,
          "3", Signal.SIGQUIT,
          "9", Signal.SIGKILL,
          "10", Signal.SIGUSR1,
          "12", Signal.SIGUSR2,
          "15", Signal.SIGTERM,
          "28", Signal.SIGWINCH);

  private StopSignals() {}

  /** Docker's name; empty for the image's own or SIGTERM. */
  static String toDocker(Signal signal) {
    return switch (signal) {
      case RUNTIME_DEFAULT -> "";
      case UNRECOGNIZED -> throw invalid("config.stop_signal", "unknown value");
      default -> dockerName(signal);
    };
  }

  /** The signal Docker will send; an empty or unknown name is SIGTERM, Docker's default. */
  static Signal toCri(String docker) {
    String name = docker.toUpperCase(Locale.ROOT);
    return Optional.ofNullable(BY_NUMBER.get(name))
        .or(() -> Optional.ofNullable(BY_DOCKER_NAME.get(name)))
        .or(() -> Optional.ofNullable(BY_DOCKER_NAME.get("SIG" + name)))
        .orElse(Signal.SIGTERM);
  }

  private static String dockerName(Signal signal) {
    return signal.name().replace("PLUS", "+").replace("MINUS", "-");
  }
}
