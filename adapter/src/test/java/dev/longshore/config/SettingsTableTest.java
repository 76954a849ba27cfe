package dev.longshore.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The README's table of settings and the flags are the same. */
class SettingsTableTest {
  @Test
  void theTableHasARowForEveryFlagWithItsDefault() throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("..", "README.md")).stream()
            .filter(line -> line.startsWith("| `--"))
            .map(line -> line.substring(0, line.indexOf('|', line.indexOf('|', 1) + 1) + 1))
            .toList();
    assertThat(rows)
        .containsExactlyInAnyOrderElementsOf(
            OptionsParser.flags().stream().map(SettingsTableTest::row).toList());
  }

  private static String row(Flag flag) {
    return flag.fallback().isEmpty()
        ? "| `%s` | |".formatted(flag.name())
        : "| `%s` | `%s` |".formatted(flag.name(), flag.fallback());
  }
}
