package dev.longshore.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.longshore.config.Options.AbandonedExec;
import dev.longshore.config.Options.Cni;
import dev.longshore.config.Options.Docker;
import dev.longshore.config.Options.LogFormat;
import dev.longshore.config.Options.LogLevel;
import dev.longshore.config.Options.Logs;
import dev.longshore.config.Options.OomScoreAdj;
import dev.longshore.config.Options.Streaming;
import dev.longshore.config.Options.Telemetry;
import dev.longshore.config.Options.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsParserTest {
  private static final Path NO_FILE = Path.of("/nonexistent/config.yaml");

  @Test
  void withoutFlagsTheDefaultsHold() {
    assertThat(parse())
        .isEqualTo(
            new Options(
                Path.of("/run/longshore.sock"),
                Path.of("/var/lib/longshore"),
                "registry.k8s.io/pause:3.10",
                List.of(
                    Path.of("/var/lib/kubelet/config.json"), Path.of("/root/.docker/config.json")),
                new Docker(
                    Path.of("/var/run/docker.sock"),
                    16,
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(1)),
                new Cni(
                    Path.of("/etc/cni/net.d"),
                    List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
                    Path.of("/var/lib/cni/cache"),
                    ""),
                new Streaming(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
                    Duration.ofHours(4),
                    AbandonedExec.KILL,
                    Optional.empty()),
                new Logs(Options.ContainerLogFormat.CRI, "local", "16m", 4),
                OomScoreAdj.AUTO,
                new Telemetry(
                    Optional.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 10011)),
                    LogLevel.INFO,
                    LogFormat.TEXT,
                    Optional.empty())));
  }

  @Test
  void everyFlagIsHeard() {
    Options options =
        parse(
            "--container-runtime-endpoint=unix:///tmp/a.sock",
            "--docker-endpoint",
            "unix:///tmp/b.sock",
            "--root-directory=/srv/c",
            "--pod-infra-container-image=example.org/pause:1",
            "--network-plugin=cni",
            "--cni-conf-dir=/srv/d",
            "--cni-bin-dir=/srv/e, /srv/f",
            "--cni-cache-dir=/srv/g",
            "--pod-cidr=10.1.0.0/24,fd00::/64",
            "--image-pull-progress-deadline=1m30s",
            "--runtime-request-timeout=15m",
            "--restrict-oom-score-adj=always",
            "--streaming-bind-addr=[::1]:4711",
            "--streaming-idle-timeout=5m",
            "--streaming-abandoned-exec=leave",
            "--streaming-tls-cert-file=/srv/h.crt",
            "--streaming-tls-private-key-file=/srv/h.key",
            "--docker-max-calls=3",
            "--container-log-format=docker",
            "--container-log-spool-driver=json-file",
            "--container-log-spool-size=512k",
            "--container-log-spool-files=9",
            "--metrics-bind-addr=[::1]:4712",
            "--log-level=debug",
            "--log-format=json",
            "--tracing-endpoint=http://127.0.0.1:4318");
    assertThat(options)
        .isEqualTo(
            new Options(
                Path.of("/tmp/a.sock"),
                Path.of("/srv/c"),
                "example.org/pause:1",
                parse().credentialFiles(),
                new Docker(
                    Path.of("/tmp/b.sock"), 3, Duration.ofMinutes(15), Duration.ofSeconds(90)),
                new Cni(
                    Path.of("/srv/d"),
                    List.of(Path.of("/srv/e"), Path.of("/srv/f")),
                    Path.of("/srv/g"),
                    "10.1.0.0/24,fd00::/64"),
                new Streaming(
                    new InetSocketAddress(InetAddress.ofLiteral("::1"), 4711),
                    Duration.ofMinutes(5),
                    AbandonedExec.LEAVE,
                    Optional.of(new Tls(Path.of("/srv/h.crt"), Path.of("/srv/h.key")))),
                new Logs(Options.ContainerLogFormat.DOCKER, "json-file", "512k", 9),
                OomScoreAdj.ALWAYS,
                new Telemetry(
                    Optional.of(new InetSocketAddress(InetAddress.ofLiteral("::1"), 4712)),
                    LogLevel.DEBUG,
                    LogFormat.JSON,
                    Optional.of(URI.create("http://127.0.0.1:4318")))));
  }

  @Test
  void allProblemsAreToldAtOnceWithTheFlagAndTheValueGot() {
    assertThat(
            problems(
                "--container-runtime-endpoint=tcp://0.0.0.0:1",
                "--docker-max-calls=0",
                "--image-pull-progress-deadline=soon",
                "--restrict-oom-score-adj=perhaps",
                "--network-plugin=kubenet",
                "--pod-cidr=10.0.0.0/33",
                "--streaming-bind-addr=0.0.0.0:10250",
                "--metrics-bind-addr=127.0.0.1",
                "--tracing-endpoint=grpc://receiver:4317",
                "--streaming-tls-cert-file=/srv/h.crt",
                "--cni-bin-dir=relative",
                "--container-log-format=text",
                "--container-log-spool-driver=syslog",
                "--container-log-spool-size=12",
                "--container-log-spool-files=1",
                "--surplus=1"))
        .satisfiesExactlyInAnyOrder(
            p -> has(p, "--container-runtime-endpoint must be", "unix://", "\"tcp://0.0.0.0:1\""),
            p -> has(p, "--docker-max-calls must be a number from 1", "\"0\""),
            p -> has(p, "--image-pull-progress-deadline must be", "1m30s", "\"soon\""),
            p -> has(p, "--restrict-oom-score-adj must be one of auto, always, never"),
            p -> has(p, "--network-plugin must be cni", "\"kubenet\""),
            p -> has(p, "--pod-cidr must be", "\"10.0.0.0/33\""),
            p -> has(p, "--streaming-bind-addr must be a loopback", "\"0.0.0.0:10250\""),
            p -> has(p, "--tracing-endpoint must be the URL", "\"grpc://receiver:4317\""),
            p -> has(p, "--metrics-bind-addr must be an address with a port", "\"127.0.0.1\""),
            p -> has(p, "--streaming-tls-cert-file and", "must be given together"),
            p -> has(p, "--cni-bin-dir must be", "\"relative\""),
            p -> has(p, "--container-log-format must be one of cri", "\"text\""),
            p -> has(p, "--container-log-spool-driver must be one of local", "\"syslog\""),
            p -> has(p, "--container-log-spool-size must be", "16m", "\"12\""),
            p -> has(p, "--container-log-spool-files must be a number from 2", "\"1\""),
            p -> has(p, "\"--surplus=1\""));
  }

  @Test
  void aFlagWithoutItsValueIsAProblem() {
    assertThat(problems("--log-level")).singleElement().asString().contains("--log-level");
    assertThat(problems("--log-level", "--root-directory=/tmp"))
        .singleElement()
        .isEqualTo("--log-level needs a value, trace|debug|info|warn|error");
  }

  @Test
  void aWordThatIsNoFlagIsAProblem() {
    assertThat(problems("surplus")).singleElement().asString().contains("\"surplus\"");
  }

  @Test
  void dockerHostCountsUnlessTheFlagIsGiven() {
    Map<String, String> environment = Map.of("DOCKER_HOST", "unix:///tmp/env.sock");
    assertThat(OptionsParser.parse(List.of(), environment).docker().socket())
        .isEqualTo(Path.of("/tmp/env.sock"));
    List<String> flag = List.of("--docker-endpoint=unix:///tmp/flag.sock");
    assertThat(OptionsParser.parse(flag, environment).docker().socket())
        .isEqualTo(Path.of("/tmp/flag.sock"));
  }

  @Test
  void aDockerHostElsewhereIsNamedInTheProblem() {
    assertThatThrownBy(
            () -> OptionsParser.parse(List.of(), Map.of("DOCKER_HOST", "tcp://10.0.0.1:2375")))
        .hasMessageContaining("DOCKER_HOST must be a Unix socket")
        .hasMessageContaining("tcp://10.0.0.1:2375");
  }

  @Test
  void credentialsAreWhereTheDockerCommandKeepsThem() {
    assertThat(OptionsParser.parse(List.of(), Map.of("HOME", "/home/x")).credentialFiles())
        .contains(Path.of("/home/x/.docker/config.json"));
    Map<String, String> moved = Map.of("HOME", "/home/x", "DOCKER_CONFIG", "/etc/docker-auth");
    assertThat(OptionsParser.parse(List.of(), moved).credentialFiles())
        .contains(Path.of("/etc/docker-auth/config.json"));
  }

  @Test
  void theFolderFlagOfCriDockerdMeansTheSame() {
    assertThat(parse("--cri-dockerd-root-directory=/srv/x").root()).isEqualTo(Path.of("/srv/x"));
  }

  @Test
  void theLastOfARepeatedFlagCounts() {
    assertThat(parse("--docker-max-calls=3", "--docker-max-calls=5").docker().maxCalls())
        .isEqualTo(5);
  }

  @Test
  void aRequestTimeoutOfZeroMeansTheDefault() {
    assertThat(parse("--runtime-request-timeout=0").docker().requestTimeout())
        .isEqualTo(Duration.ofMinutes(2));
  }

  @ParameterizedTest
  @CsvSource({"0", "''"})
  void metricsCanBeSwitchedOff(String address) {
    assertThat(parse("--metrics-bind-addr=" + address).telemetry().metrics()).isEmpty();
  }

  @Test
  void theReceiverOfTracesMayComeByTheEnvironment() {
    Map<String, String> environment =
        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "https://traces.example");
    assertThat(OptionsParser.parse(List.of(), environment, NO_FILE).telemetry().tracing())
        .hasValue(URI.create("https://traces.example"));
    List<String> flag = List.of("--tracing-endpoint=");
    assertThat(OptionsParser.parse(flag, environment, NO_FILE).telemetry().tracing()).isEmpty();
  }

  @Test
  void metricsAreServedElsewhereWhenThatIsAsked() {
    assertThat(parse("--metrics-bind-addr=0.0.0.0:0").telemetry().metrics())
        .hasValue(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0));
  }

  @Test
  void valuesAreTakenLiterally() {
    assertThat(parse("--pod-infra-container-image=${sys:user.dir}").pauseImage())
        .isEqualTo("${sys:user.dir}");
    assertThat(problems("@/etc/passwd")).singleElement().asString().contains("\"@/etc/passwd\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "90s, 90000",
    "1m30s, 90000",
    "1h2m3s, 3723000",
    "250ms, 250",
    "1.5m, 90000",
    ".5s, 500"
  })
  void durationsAreReadAsGoWritesThem(String text, long millis) {
    assertThat(Durations.parse(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({"''", "5", "s", "1m30", "-1s", "1 m", "1d", "99999999999h"})
  void whatIsNoDurationIsRefused(String text) {
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void flagsOfCriDockerdThatMeanNothingWithCniAreTaken() {
    assertThat(
            parse(
                "--hairpin-mode=none",
                "--network-plugin-mtu=1400",
                "--ipv6-dual-stack=true",
                "--runtime-cgroups=/system.slice"))
        .isEqualTo(parse());
  }

  @Test
  void aSocketOfTheServiceManagerNeedsOneThatWasHandedOver() {
    assertThat(problems("--container-runtime-endpoint=fd://"))
        .singleElement()
        .satisfies(p -> has(p, "LISTEN_FDS is not set", "\"fd://\""));
    assertThat(
            OptionsParser.parse(
                    List.of("--container-runtime-endpoint=fd://"),
                    Map.of("LISTEN_FDS", "1"),
                    NO_FILE)
                .socket())
        .isEqualTo(Path.of("/run/longshore.sock"));
  }

  @Test
  void theHelpNamesEveryFlagAndItsDefault() {
    String help = FlagReader.help("longshore serve", "Serves.", OptionsParser.flags());
    OptionsParser.flags().forEach(flag -> assertThat(help).contains(flag.name()));
    assertThat(help).contains("unix:///run/longshore.sock");
    assertThat(help.lines()).allMatch(line -> line.length() <= 100);
  }

  @Test
  void whatIsShownCarriesTheNameThatKubeadmReads() {
    assertThat(parse("--pod-infra-container-image=example.org/p:1").shown())
        .containsEntry("sandboxImage", "example.org/p:1");
  }

  private static Options parse(String... arguments) {
    return OptionsParser.parse(List.of(arguments), Map.of(), NO_FILE);
  }

  private static List<String> problems(String... arguments) {
    OptionsException thrown = catchThrowableOfType(OptionsException.class, () -> parse(arguments));
    return thrown.problems();
  }

  private static void has(String problem, String... parts) {
    assertThat(problem).contains(parts);
  }
}
