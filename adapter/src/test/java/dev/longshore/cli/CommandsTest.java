package dev.longshore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.bench.BenchPlan;
import dev.longshore.config.OptionsException;
import dev.longshore.config.OptionsParser;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CommandsTest {
  @Test
  void withoutACommandItServes() {
    Command expected =
        new Command.Serve(OptionsParser.parse(List.of("--docker-max-calls=2"), Map.of()));
    assertThat(parse("--docker-max-calls=2")).isEqualTo(expected);
    assertThat(parse("serve", "--docker-max-calls=2")).isEqualTo(expected);
    assertThat(parse()).isInstanceOf(Command.Serve.class);
  }

  @Test
  void theSelfTestHasDefaultsAndFlags() {
    assertThat(parse("selftest"))
        .isEqualTo(new Command.Prove(Path.of("/run/longshore.sock"), "busybox:1.36"));
    assertThat(parse("selftest", "--endpoint=unix:///tmp/x.sock", "--image", "example.org/b:1"))
        .isEqualTo(new Command.Prove(Path.of("/tmp/x.sock"), "example.org/b:1"));
  }

  @Test
  void badFlagsOfTheSelfTestAreToldAtOnce() {
    assertThatThrownBy(() -> parse("selftest", "--endpoint=tcp://x", "--image= ", "--odd"))
        .isInstanceOfSatisfying(OptionsException.class, e -> assertThat(e.problems()).hasSize(3));
  }

  @Test
  void theBenchTakesSeveralEndpoints() {
    assertThat(parse("bench", "--endpoint=/a.sock", "--endpoint", "unix:///b.sock", "--churn=5"))
        .isEqualTo(
            new Command.Measure(
                new BenchPlan(
                    List.of(Path.of("/a.sock"), Path.of("/b.sock")),
                    10,
                    2,
                    4,
                    300,
                    20,
                    5,
                    10,
                    "busybox:1.36",
                    OptionalInt.empty(),
                    Optional.empty(),
                    false)));
  }

  @Test
  void theBaselineOfTheBenchIsTheNodesDockerAndNetwork() {
    assertThat(parse("bench", "--baseline", "--cni-conf-dir=/n"))
        .isInstanceOfSatisfying(
            Command.Measure.class,
            measure ->
                assertThat(measure.plan().baseline())
                    .contains(
                        new BenchPlan.Baseline(
                            Path.of("/var/run/docker.sock"),
                            Path.of("/n"),
                            List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")))));
  }

  @Test
  void badFlagsOfTheBenchAreToldAtOnce() {
    assertThatThrownBy(
            () -> parse("bench", "--endpoint=x", "--pods=0", "--idle=-1", "--docker-pid=init"))
        .isInstanceOfSatisfying(OptionsException.class, e -> assertThat(e.problems()).hasSize(4));
  }

  @Test
  void theVersionIsACommandAndAFlag() {
    assertThat(parse("version")).isEqualTo(new Command.ShowVersion());
    assertThat(parse("--version")).isEqualTo(new Command.ShowVersion());
    assertThat(parse("serve", "--log-level=debug", "--version"))
        .isEqualTo(new Command.ShowVersion());
  }

  @Test
  void helpNamesCommandsAndFlags() {
    assertThat(parse("--help"))
        .isInstanceOfSatisfying(
            Command.ShowText.class,
            help -> assertThat(help.text()).contains("--docker-endpoint", "selftest", "--version"));
    assertThat(parse("selftest", "-h"))
        .isInstanceOfSatisfying(
            Command.ShowText.class, help -> assertThat(help.text()).contains("--image"));
  }

  @Test
  void anUnknownCommandIsNamedWithThoseThereAre() {
    assertThatThrownBy(() -> parse("doctor"))
        .isInstanceOf(OptionsException.class)
        .hasMessage(
            "unknown command \"doctor\"; the commands are serve, config, selftest, bench and"
                + " version");
  }

  private static Command parse(String... arguments) {
    return Commands.parse(List.of(arguments), Map.of());
  }
}
