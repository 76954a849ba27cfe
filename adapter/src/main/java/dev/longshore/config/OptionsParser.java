package dev.longshore.config;

import dev.longshore.config.Options.AbandonedExec;
import dev.longshore.config.Options.Cni;
import dev.longshore.config.Options.ContainerLogFormat;
import dev.longshore.config.Options.Docker;
import dev.longshore.config.Options.LogFormat;
import dev.longshore.config.Options.LogLevel;
import dev.longshore.config.Options.Logs;
import dev.longshore.config.Options.OomScoreAdj;
import dev.longshore.config.Options.Streaming;
import dev.longshore.config.Options.Telemetry;
import dev.longshore.config.Options.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The flags of {@code longshore serve}; cri-dockerd's names where it has the option too. */
public final class OptionsParser {
  private static final Duration KUBELETS_REQUEST_TIMEOUT = Duration.ofMinutes(2);
  private static final int MOST_CALLS = 1000;
  private static final int MOST_FILES = 100;

  private static final Path CONFIG_FILE = Path.of("/etc/longshore/config.yaml");

  private static final Flag CONFIG =
      Flag.of(
          "--config",
          "<file>",
          CONFIG_FILE.toString(),
          "Configuration file; conf.d/*.yaml beside it is read after it. Empty means none.");
  private static final Flag SOCKET =
      Flag.of(
          "--container-runtime-endpoint",
          "<endpoint>",
          "unix:///run/longshore.sock",
          "Socket on which the kubelet is served; fd:// is the one that systemd hands over.");
  private static final Flag DOCKER =
      Flag.of(
          "--docker-endpoint",
          "<endpoint>",
          "unix:///var/run/docker.sock",
          "Docker Engine's socket; DOCKER_HOST counts when the flag is not given.");
  private static final Flag ROOT =
      new Flag(
          List.of("--root-directory", "--cri-dockerd-root-directory"),
          "<folder>",
          "/var/lib/longshore",
          "Folder of what must survive a restart.");
  private static final Flag PAUSE_IMAGE =
      Flag.of(
          "--pod-infra-container-image",
          "<image>",
          "registry.k8s.io/pause:3.10",
          "Image of the container that holds a pod's namespaces.");
  private static final Flag NETWORK_PLUGIN =
      Flag.of("--network-plugin", "<name>", "cni", "Kind of pod networks; cni is the only one.");
  private static final Flag CNI_CONF =
      Flag.of("--cni-conf-dir", "<folder>", "/etc/cni/net.d", "Folder of network configurations.");
  private static final Flag CNI_BIN =
      Flag.of(
          "--cni-bin-dir",
          "<folders>",
          "/opt/cni/bin,/usr/lib/cni",
          "Folders of network plugins, with commas between.");
  private static final Flag CNI_CACHE =
      Flag.of(
          "--cni-cache-dir",
          "<folder>",
          "/var/lib/cni/cache",
          "Folder of network results, in libcni's form.");
  private static final Flag POD_CIDR =
      Flag.of("--pod-cidr", "<cidrs>", "", "The node's pod network, until the kubelet tells it.");
  private static final Flag PULL_PROGRESS =
      Flag.of(
          "--image-pull-progress-deadline",
          "<duration>",
          "1m",
          "A pull that moves nothing for that long is given up.");
  private static final Flag REQUEST_TIMEOUT =
      Flag.of(
          "--runtime-request-timeout",
          "<duration>",
          "2m",
          "Bound of a call whose caller sets none; 0 means the default.");
  private static final Flag STREAMING =
      Flag.of(
          "--streaming-bind-addr",
          "<address>",
          "127.0.0.1:0",
          "Loopback address for clients of exec, attach and port-forward; port 0 is any free one.");
  private static final Flag STREAMING_IDLE =
      Flag.of(
          "--streaming-idle-timeout",
          "<duration>",
          "4h",
          "A stream on which nothing moves for that long is closed.");
  private static final Flag STREAMING_ABANDONED =
      Flag.of(
          "--streaming-abandoned-exec",
          "kill|leave",
          "kill",
          "What becomes of a command of exec whose client goes away.");
  private static final Flag STREAMING_CERT =
      Flag.of(
          "--streaming-tls-cert-file",
          "<file>",
          "",
          "Certificate chain in PEM: streams are served by https then.");
  private static final Flag STREAMING_KEY =
      Flag.of(
          "--streaming-tls-private-key-file",
          "<file>",
          "",
          "Private key of that certificate, in PEM, PKCS#8 without a password.");
  private static final Flag CONTAINER_LOG_FORMAT =
      Flag.of(
          "--container-log-format",
          "cri|docker",
          "cri",
          "What new containers' logs are: files in the CRI's format, or links to Docker's json-file"
              + " as cri-dockerd makes them, which the kubelet cannot rotate.");
  private static final Flag SPOOL_DRIVER =
      Flag.of(
          "--container-log-spool-driver",
          "local|json-file|daemon",
          "local",
          "Docker's driver for output that waits to be copied to the log; local keeps every byte,"
              + " daemon is whatever Docker is configured to use.");
  private static final Flag SPOOL_SIZE =
      Flag.of(
          "--container-log-spool-size",
          "<size>",
          "16m",
          "Size at which Docker starts another file of a container's output.");
  private static final Flag SPOOL_FILES =
      Flag.of(
          "--container-log-spool-files",
          "<count>",
          "4",
          "How many such files Docker keeps per container.");
  private static final Flag OOM =
      Flag.of(
          "--restrict-oom-score-adj",
          "auto|always|never",
          "auto",
          "Whether a negative oom_score_adj becomes 0: once the kernel has refused one, always, or"
              + " never.");
  private static final Flag MAX_CALLS =
      Flag.of("--docker-max-calls", "<count>", "16", "Changing calls to Docker under way at once.");
  private static final Flag METRICS =
      Flag.of(
          "--metrics-bind-addr",
          "<address>",
          "127.0.0.1:10011",
          "Address of metrics and health, by plain HTTP to whoever reaches it; 0 means none.");
  private static final Flag LOG_LEVEL =
      Flag.of("--log-level", "trace|debug|info|warn|error", "info", "How much is logged.");
  private static final Flag LOG_FORMAT =
      Flag.of("--log-format", "text|json", "text", "Form of the log's lines.");
  private static final Flag TRACING =
      Flag.of(
          "--tracing-endpoint",
          "<url>",
          "",
          "OTLP receiver by HTTP, such as http://127.0.0.1:4318; OTEL_EXPORTER_OTLP_ENDPOINT counts"
              + " when the flag is not given.");

  private static final Flag HAIRPIN =
      Flag.of(
          "--hairpin-mode",
          "<mode>",
          "none",
          "Taken for cri-dockerd's sake; with CNI the bridge plugin's hairpinMode decides.");
  private static final Flag MTU =
      Flag.of(
          "--network-plugin-mtu",
          "<bytes>",
          "0",
          "Taken for cri-dockerd's sake; with CNI the plugin's mtu decides.");
  private static final Flag DUAL_STACK =
      Flag.of(
          "--ipv6-dual-stack",
          "true|false",
          "true",
          "Taken for cri-dockerd's sake; addresses of both families are always reported.");
  private static final Flag RUNTIME_CGROUPS =
      Flag.of(
          "--runtime-cgroups",
          "<cgroup>",
          "",
          "Taken for cri-dockerd's sake; the service manager places this process.");

  private static final List<Flag> FLAGS =
      List.of(
          SOCKET,
          DOCKER,
          ROOT,
          PAUSE_IMAGE,
          NETWORK_PLUGIN,
          CNI_CONF,
          CNI_BIN,
          CNI_CACHE,
          POD_CIDR,
          PULL_PROGRESS,
          REQUEST_TIMEOUT,
          STREAMING,
          STREAMING_IDLE,
          STREAMING_ABANDONED,
          STREAMING_CERT,
          STREAMING_KEY,
          CONTAINER_LOG_FORMAT,
          SPOOL_DRIVER,
          SPOOL_SIZE,
          SPOOL_FILES,
          OOM,
          MAX_CALLS,
          METRICS,
          LOG_LEVEL,
          LOG_FORMAT,
          TRACING,
          HAIRPIN,
          MTU,
          DUAL_STACK,
          RUNTIME_CGROUPS,
          CONFIG);

  private static final Set<String> KEYS =
      FLAGS.stream()
          .map(Flag::key)
          .filter(key -> !key.equals(CONFIG.key()))
          .collect(Collectors.toUnmodifiableSet());

  private OptionsParser() {}

  /** The flags, for a help text. */
  public static List<Flag> flags() {
    return FLAGS;
  }

  /**
   * Reads the options: arguments before configuration files before defaults.
   *
   * @param environment of the process; {@code DOCKER_HOST}, {@code DOCKER_CONFIG}, {@code HOME} and
   *     {@code LISTEN_FDS} are read
   * @throws OptionsException with every problem found
   */
  public static Options parse(List<String> arguments, Map<String, String> environment) {
    return parse(arguments, environment, CONFIG_FILE);
  }

  /** As the other; {@code configFile} is read when the arguments name none, if it is there. */
  static Options parse(List<String> arguments, Map<String, String> environment, Path configFile) {
    FlagReader flags = new FlagReader(FLAGS, arguments);
    underFiles(flags, configFile);
    return options(flags, environment);
  }

  /**
   * The options in force as a configuration file, with where each comes from.
   *
   * @throws OptionsException with every problem found
   */
  public static String effective(List<String> arguments, Map<String, String> environment) {
    FlagReader flags = new FlagReader(FLAGS, arguments);
    underFiles(flags, CONFIG_FILE);
    Options _ = options(flags, environment);
    return flags.effective(KEYS);
  }

  private static void underFiles(FlagReader flags, Path configFile) {
    boolean named = flags.has(CONFIG);
    Path file =
        named
            ? flags.read(CONFIG, text -> text.isEmpty() ? Path.of("") : Values.folder(text))
            : configFile;
    if (!file.toString().isEmpty()) {
      flags.under(ConfigFiles.read(file, named), KEYS);
    }
  }

  private static Options options(FlagReader flags, Map<String, String> environment) {
    flags.read(NETWORK_PLUGIN, Values::cni);
    Options options =
        new Options(
            flags.read(SOCKET, text -> endpoint(text, environment)),
            flags.read(ROOT, Values::folder),
            flags.read(PAUSE_IMAGE, Values::image),
            credentialFiles(environment),
            docker(flags, environment),
            new Cni(
                flags.read(CNI_CONF, Values::folder),
                flags.read(CNI_BIN, Values::folders),
                flags.read(CNI_CACHE, Values::folder),
                flags.read(POD_CIDR, Values::cidrs)),
            streaming(flags),
            new Logs(
                flags.read(
                    CONTAINER_LOG_FORMAT, text -> Values.word(ContainerLogFormat.class, text)),
                flags.read(SPOOL_DRIVER, Values::spoolDriver),
                flags.read(SPOOL_SIZE, Values::size),
                flags.read(SPOOL_FILES, text -> Values.number(text, 2, MOST_FILES))),
            flags.read(OOM, text -> Values.word(OomScoreAdj.class, text)),
            new Telemetry(
                flags.read(METRICS, Values::metrics),
                flags.read(LOG_LEVEL, OptionsParser::logLevel),
                flags.read(LOG_FORMAT, text -> Values.word(LogFormat.class, text)),
                tracing(flags, environment)));
    flags.finish();
    return options;
  }

  private static Streaming streaming(FlagReader flags) {
    Optional<Path> certificate = flags.read(STREAMING_CERT, Values::file);
    Optional<Path> key = flags.read(STREAMING_KEY, Values::file);
    if (certificate.isPresent() != key.isPresent()) {
      flags.problem(
          "%s and %s must be given together, or neither"
              .formatted(STREAMING_CERT.name(), STREAMING_KEY.name()));
    }
    return new Streaming(
        flags.read(STREAMING, Values::loopback),
        flags.read(STREAMING_IDLE, Values::positiveDuration),
        flags.read(STREAMING_ABANDONED, text -> Values.word(AbandonedExec.class, text)),
        certificate.flatMap(chain -> key.map(secret -> new Tls(chain, secret))));
  }

  private static Docker docker(FlagReader flags, Map<String, String> environment) {
    return new Docker(
        dockerSocket(flags, environment),
        flags.read(MAX_CALLS, text -> Values.count(text, MOST_CALLS)),
        flags.read(REQUEST_TIMEOUT, OptionsParser::requestTimeout),
        flags.read(PULL_PROGRESS, Values::positiveDuration));
  }

  private static Path dockerSocket(FlagReader flags, Map<String, String> environment) {
    String host = environment.getOrDefault("DOCKER_HOST", "");
    boolean fromEnvironment = !flags.given(DOCKER) && !host.isEmpty();
    return fromEnvironment
        ? flags.check("DOCKER_HOST", host, DOCKER.fallback(), Values::socket)
        : flags.read(DOCKER, Values::socket);
  }

  private static Optional<URI> tracing(FlagReader flags, Map<String, String> environment) {
    String name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    return flags.given(TRACING) || !environment.containsKey(name)
        ? flags.read(TRACING, Values::receiver)
        : flags.check(name, environment.get(name), "", Values::receiver);
  }

  private static Path endpoint(String text, Map<String, String> environment) {
    if (!text.equals("fd://")) {
      return Values.socket(text);
    }
    if (!environment.containsKey("LISTEN_FDS")) {
      throw new IllegalArgumentException(
          "a Unix socket such as unix:///run/name.sock here, since no service manager has handed a"
              + " socket over (LISTEN_FDS is not set)");
    }
    return Values.socket(SOCKET.fallback());
  }

  /** The kubelet's file and that of the docker command. */
  private static List<Path> credentialFiles(Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", "/root");
    String folder = environment.getOrDefault("DOCKER_CONFIG", home + "/.docker");
    return List.of(Path.of("/var/lib/kubelet/config.json"), Path.of(folder).resolve("config.json"));
  }

  private static Duration requestTimeout(String text) {
    Duration given = Durations.parse(text);
    return given.isZero() ? KUBELETS_REQUEST_TIMEOUT : given;
  }

  private static LogLevel logLevel(String text) {
    return Values.word(LogLevel.class, text.equals("warning") ? "warn" : text);
  }
}
