package dev.longshore.cli;

import dev.longshore.config.Flag;
import dev.longshore.config.FlagReader;
import dev.longshore.config.OptionsException;
import dev.longshore.config.OptionsParser;
import dev.longshore.config.Values;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Arguments to a {@link Command}. */
public final class Commands {
  private static final String SERVE = "serve";
  private static final String SELFTEST = "selftest";
  private static final String VERSION = "version";

  private static final Flag HELP = Flag.toggle("Shows this text.", "--help", "-h");
  private static final Flag VERSION_FLAG = Flag.toggle("Shows the version.", "--version");

  private static final Flag ENDPOINT =
      Flag.of("--endpoint", "<endpoint>", "unix:///run/longshore.sock", "Socket of the server.");
  private static final Flag IMAGE =
      Flag.of("--image", "<image>", "busybox:1.36", "Image with a shell; pulled if it is missing.");

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
      case VERSION -> new Command.ShowVersion();
      case "help" -> new Command.ShowHelp(help());
      default ->
          throw new OptionsException(
              List.of(
                  "unknown command \"%s\"; the commands are %s, %s and %s"
                      .formatted(command, SERVE, SELFTEST, VERSION)));
    };
  }

  private static Command serve(List<String> flags, Map<String, String> environment) {
    if (asks(flags, HELP)) {
      return new Command.ShowHelp(help());
    }
    return asks(flags, VERSION_FLAG)
        ? new Command.ShowVersion()
        : new Command.Serve(OptionsParser.parse(flags, environment));
  }

  private static Command selftest(List<String> arguments) {
    if (asks(arguments, HELP)) {
      return new Command.ShowHelp(selftestHelp());
    }
    FlagReader flags = new FlagReader(List.of(ENDPOINT, IMAGE), arguments);
    Command.Prove prove =
        new Command.Prove(flags.read(ENDPOINT, Values::socket), flags.read(IMAGE, Values::image));
    flags.finish();
    return prove;
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
        + "\nOther commands: longshore selftest, longshore version\n";
  }

  private static String selftestHelp() {
    return FlagReader.help(
        "longshore selftest",
        "Runs a pod on a CRI server and takes it away again, step by step.",
        List.of(ENDPOINT, IMAGE, HELP));
  }
}
