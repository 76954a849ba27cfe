package dev.longshore.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.longshore.config.Options.LogLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFilesTest {
  @TempDir private Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void createFolders() throws IOException {
    file = folder.resolve("config.yaml");
    Files.createDirectory(folder.resolve("conf.d"));
  }

  @Test
  void aFileGivesWhatTheArgumentsDoNot() throws IOException {
    write("dockerMaxCalls: 3\nlogLevel: debug\ncniBinDir: [/srv/a, /srv/b]\n");
    Options options = parse("--log-level=warn");
    assertThat(options.docker().maxCalls()).isEqualTo(3);
    assertThat(options.telemetry().logLevel()).isEqualTo(LogLevel.WARN);
    assertThat(options.cni().binDirs()).containsExactly(Path.of("/srv/a"), Path.of("/srv/b"));
  }

  @Test
  void theLastFileOfTheFolderCounts() throws IOException {
    write("logLevel: debug\n");
    Files.writeString(folder.resolve("conf.d/10-a.yaml"), "logLevel: warn\n");
    Files.writeString(folder.resolve("conf.d/20-b.yaml"), "logLevel: error\n");
    Files.writeString(folder.resolve("conf.d/30-c.yaml.bak"), "logLevel: trace\n");
    assertThat(parse().telemetry().logLevel()).isEqualTo(LogLevel.ERROR);
  }

  @Test
  void everyProblemIsToldWithFileLineAndKey() throws IOException {
    write(
        """
        logLevel: loud
        dockerMaxCalls: 0
        colour: blue
        cniConfDir:
          nested: true
        logLevel: info
        """);
    assertThat(problems())
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).contains(file + ":6: logLevel stands at " + file + ":1 already"),
            p -> assertThat(p).contains(file + ":4: cniConfDir must be one value or a list"),
            p -> assertThat(p).contains(file + ":3: unknown key \"colour\""),
            p ->
                assertThat(p)
                    .contains(file + ":2: dockerMaxCalls must be a number from 1", "got \"0\""));
  }

  @Test
  void whatIsNoYamlIsToldWithItsLine() throws IOException {
    write("logLevel: info\ncniBinDir: [/a\n");
    assertThat(problems()).singleElement().asString().contains(file + ":", "not YAML");
  }

  @Test
  void whatIsNoMappingIsRefused() throws IOException {
    write("- logLevel\n");
    assertThat(problems()).singleElement().asString().contains(file + ":1: must be a mapping");
  }

  @Test
  void anEmptyFileSetsNothing() throws IOException {
    write("# nothing yet\n");
    assertThat(parse().telemetry().logLevel()).isEqualTo(LogLevel.INFO);
  }

  @Test
  void aFileThatIsNamedMustBeThere() {
    OptionsException thrown =
        catchThrowableOfType(
            OptionsException.class, () -> parse("--config=" + folder.resolve("none.yaml")));
    assertThat(thrown.problems())
        .singleElement()
        .asString()
        .contains(folder.resolve("none.yaml").toString(), "no such file");
  }

  @Test
  void dockerHostDoesNotOverruleTheFile() throws IOException {
    write("dockerEndpoint: unix:///srv/docker.sock\n");
    Options options =
        OptionsParser.parse(List.of(), Map.of("DOCKER_HOST", "unix:///tmp/env.sock"), file);
    assertThat(options.docker().socket()).isEqualTo(Path.of("/srv/docker.sock"));
  }

  @Test
  void everyKeyIsAFlagInHumps() {
    assertThat(OptionsParser.flags()).extracting(Flag::key).contains("podInfraContainerImage");
  }

  @Test
  void whatIsInForceIsPrintedAsAFileWithItsSources() throws IOException {
    write("dockerMaxCalls: 3\n");
    String printed =
        OptionsParser.effective(List.of("--config=" + file, "--log-level=warn"), Map.of());
    assertThat(printed)
        .contains("dockerMaxCalls: \"3\" # " + file + ":1\n")
        .contains("logLevel: \"warn\" # flag\n")
        .contains("cniConfDir: \"/etc/cni/net.d\" # default\n");
    Files.writeString(folder.resolve("conf.d/50-printed.yaml"), printed);
    assertThat(parse().telemetry().logLevel()).isEqualTo(LogLevel.WARN);
  }

  private void write(String yaml) throws IOException {
    Files.writeString(file, yaml);
  }

  private Options parse(String... arguments) {
    return OptionsParser.parse(List.of(arguments), Map.of(), file);
  }

  private List<String> problems() {
    OptionsException thrown = catchThrowableOfType(OptionsException.class, () -> parse());
    return thrown.problems();
  }
}
