package dev.longshore.cli;

import dev.longshore.bench.BenchPlan;
import dev.longshore.config.Flag;
import dev.longshore.config.FlagReader;
import dev.longshore.config.OptionsException;
import dev.longshore.config.OptionsParser;
import dev.longshore.config.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Arguments to a {@link Command}. */
public final class Commands {
  private static final String SERVE = "serve";
  private static final String SELFTEST = "selftest";
  private static final String BENCH = "bench";
  private static final String VERSION = "version";
  private static final String CONFIG = "config";

  private static final Flag HELP = Flag.toggle("Shows this text.", "--help", "-h");
  private static final Flag VERSION_FLAG = Flag.toggle("Shows the version.", "--version");

  private static final Flag BUILD_INFO = Flag.toggle("As --version.", "--buildinfo");

  private static final Flag ENDPOINT =
      Flag.of("--endpoint", "<endpoint>", "unix:///run/longshore.sock", "Socket of the server.");
  private static final Flag IMAGE =
      Flag.of("--image", "<image>", "busybox:1.36", "Image with a shell; pulled if it is missing.");

  private static final Flag ENDPOINTS =
      Flag.of(
          "--endpoint",
          "<endpoint>",
          "unix:///run/longshore.sock",
          "Socket of a server. Given twice, both are measured in turn and compared.");
  private static final Flag PODS = Flag.of("--pods", "<n>", "10", "Pods per server.");
  private static final Flag CONTAINERS = Flag.of("--containers", "<n>", "2", "Containers per pod.");
  private static final Flag PARALLEL =
      Flag.of("--parallel", "<n>", "4", "Pods that are made or removed at a time.");
  private static final Flag ROUNDS =
      Flag.of("--rounds", "<n>", "300", "How often each read is measured.");
  private static final Flag EXECS =
      Flag.of("--execs", "<n>", "20", "How often ExecSync is measured.");
  private static final Flag CHURN =
      Flag.of("--churn", "<n>", "0", "Pods made and removed beside those that stay.");
  private static final Flag IDLE =
      Flag.of("--idle", "<seconds>", "10", "How long the idle servers are watched.");
  private static final Flag DOCKER_PID =
      Flag.of(
          "--docker-pid", "<pid>", "", "Docker's daemon; else the process named dockerd, if any.");
  private static final Flag BASELINE =
      Flag.toggle(
          "Also measures the same pods made by a bare client: Docker and the plugins, asked"
              + " directly.",
          "--baseline");
  private static final Flag DOCKER =
      Flag.of(
          "--docker-endpoint",
          "<endpoint>",
          "unix:///var/run/docker.sock",
          "Docker's socket, for the bare client.");
  private static final Flag CNI_CONF =
      Flag.of(
          "--cni-conf-dir", "<dir>", "/etc/cni/net.d", "CNI configuration, for the bare client.");
  private static final Flag CNI_BIN =
      Flag.of(
          "--cni-bin-dir",
          "<dirs>",
          "/opt/cni/bin,/usr/lib/cni",
          "CNI plugins, for the bare client.");
  private static final Flag AS_JSON = Flag.toggle("Report as JSON.", "--json");
  private static final List<Flag> BENCH_FLAGS =
      List.of(
          ENDPOINTS,
          PODS,
          CONTAINERS,
          IMAGE,
          PARALLEL,
          ROUNDS,
          EXECS,
          CHURN,
          IDLE,
          DOCKER_PID,
          BASELINE,
          DOCKER,
          CNI_CONF,
          CNI_BIN,
          AS_JSON,
          HELP);
  private static final int MOST_PODS = 100_000;
  private static final int MOST_CONTAINERS = 100;
  private static final int MOST_ROUNDS = 1_000_000;
  private static final int MOST_SECONDS = 86_400;

  private Commands() {}

  /**
   * Reads a command line; without a command it means {@code serve}.
   *
   * @throws OptionsException with every problem found
   */
  public static Command parse(List<String> arguments, Map<String, String> environment) {
    boolean named = !arguments.isEmpty() && !arguments.getFirst().startsWith("-");
    String command = named ? arguments.getFirst() : SERVE;
    List<String> flags = named ? arguments.subList(1, arguments.size()) : arguments;
    return switch (command) {
      case SERVE -> serve(flags, environment);
      case SELFTEST -> selftest(flags);
      case BENCH -> bench(flags);
      case VERSION -> new Command.ShowVersion();
      case CONFIG -> config(flags, environment);
      case "help" -> new Command.ShowText(help());
      default ->
          throw new OptionsException(
              List.of(
                  "unknown command \"%s\"; the commands are %s, %s, %s, %s and %s"
                      .formatted(command, SERVE, CONFIG, SELFTEST, BENCH, VERSION)));
    };
  }

  private static Command serve(List<String> flags, Map<String, String> environment) {
    if (asks(flags, HELP)) {
      return new Command.ShowText(help());
    }
    return asks(flags, VERSION_FLAG) || asks(flags, BUILD_INFO)
        ? new Command.ShowVersion()
        : new Command.Serve(OptionsParser.parse(flags, environment));
  }

  private static Command config(List<String> arguments, Map<String, String> environment) {
    String verb = arguments.isEmpty() ? "" : arguments.getFirst();
    if (!verb.equals("print") && !verb.equals("check")) {
      throw new OptionsException(
          List.of(
              "longshore config takes print or check, then flags of serve; got \"%s\""
                  .formatted(verb)));
    }
    String effective = OptionsParser.effective(arguments.subList(1, arguments.size()), environment);
    return new Command.ShowText(verb.equals("print") ? effective : "the configuration is valid");
  }

  private static Command selftest(List<String> arguments) {
    if (asks(arguments, HELP)) {
      return new Command.ShowText(selftestHelp());
    }
    FlagReader flags = new FlagReader(List.of(ENDPOINT, IMAGE), arguments);
    Command.Prove prove =
        new Command.Prove(flags.read(ENDPOINT, Values::socket), flags.read(IMAGE, Values::image));
    flags.finish();
    return prove;
  }

  private static Command bench(List<String> arguments) {
    if (asks(arguments, HELP)) {
      return new Command.ShowText(
          FlagReader.help(
              "longshore bench",
              "Measures CRI servers with pods of its own, which it removes again.",
              BENCH_FLAGS));
    }
    FlagReader flags = new FlagReader(BENCH_FLAGS, arguments);
    BenchPlan plan =
        new BenchPlan(
            flags.readAll(ENDPOINTS, Values::socket),
            flags.read(PODS, text -> Values.number(text, 1, MOST_PODS)),
            flags.read(CONTAINERS, text -> Values.number(text, 1, MOST_CONTAINERS)),
            flags.read(PARALLEL, text -> Values.number(text, 1, MOST_CONTAINERS)),
            flags.read(ROUNDS, text -> Values.number(text, 1, MOST_ROUNDS)),
            flags.read(EXECS, text -> Values.number(text, 0, MOST_ROUNDS)),
            flags.read(CHURN, text -> Values.number(text, 0, MOST_PODS)),
            flags.read(IDLE, text -> Values.number(text, 0, MOST_SECONDS)),
            flags.read(IMAGE, Values::image),
            flags.read(DOCKER_PID, Commands::pid),
            baseline(flags),
            flags.has(AS_JSON));
    flags.finish();
    return new Command.Measure(plan);
  }

  private static Optional<BenchPlan.Baseline> baseline(FlagReader flags) {
    BenchPlan.Baseline baseline =
        new BenchPlan.Baseline(
            flags.read(DOCKER, Values::socket),
            flags.read(CNI_CONF, Values::folder),
            flags.read(CNI_BIN, Values::folders));
    return flags.has(BASELINE) ? Optional.of(baseline) : Optional.empty();
  }

  private static OptionalInt pid(String text) {
    return text.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(Values.number(text, 1, Integer.MAX_VALUE));
  }

  private static boolean asks(List<String> arguments, Flag flag) {
    return arguments.stream().anyMatch(flag.names()::contains);
  }

  private static String help() {
    List<Flag> flags = new ArrayList<>(OptionsParser.flags());
    flags.add(VERSION_FLAG);
    flags.add(HELP);
    return FlagReader.help(
            "longshore [serve]", "Serves the CRI for Docker Engine until told to stop.", flags)
        + "\nOther commands: longshore config print|check, longshore selftest, longshore bench,"
        + " longshore version\n";
  }

  private static String selftestHelp() {
    return FlagReader.help(
        "longshore selftest",
        "Runs a pod on a CRI server and takes it away again, step by step.",
        List.of(ENDPOINT, IMAGE, HELP));
  }
}
