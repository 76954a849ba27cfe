package dev.longshore.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program that writes numbered lines of random length, and the proof that a log has them all. */
final class NumberedLines {
  private static final Pattern LINE =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z std(?:out|err) ([FP]) (.*)");
  private static final Pattern CONTENT = Pattern.compile("(\\d+) (\\d+) (x*)");

  private NumberedLines() {}

  /**
   * A command that writes {@code lines} lines; every hundredth is of several pieces.
   *
   * @param burst lines between two pauses of 50 ms
   */
  static String[] command(int lines, int burst, int seed) {
    String program =
        """
        BEGIN {
          srand(%d); pad = "x"; while (length(pad) < 65536) pad = pad pad
          for (i = 1; i <= %d; i++) {
            n = int(rand() * (i %% 100 == 0 ? 50000 : 400))
            print i, n, substr(pad, 1, n)
            if (i %% %d == 0) { fflush(); system("usleep 50000") }
          }
        }
        """
            .formatted(seed, lines, burst);
    return new String[] {"awk", program};
  }

  /** Every line once, in order, in the log's files; or a prefix of them. */
  static int check(Path log) throws IOException {
    int last = 0;
    StringBuilder pieces = new StringBuilder();
    List<Path> files = LogKubelet.files(log);
    for (Path file : files) {
      try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Matcher parts = LINE.matcher(line);
          assertThat(parts.matches()).as("form of %s after %d: %s", file, last, line).isTrue();
          pieces.append(parts.group(2));
          if (parts.group(1).equals("F")) {
            last = next(last, pieces, file);
            pieces.setLength(0);
          }
        }
      }
    }
    assertThat(pieces).as("unfinished line in %s", log).isEmpty();
    return last;
  }

  private static int next(int last, StringBuilder line, Path file) {
    Matcher content = CONTENT.matcher(line);
    assertThat(content.matches()).as("line after %d in %s: %s", last, file, line).isTrue();
    assertThat(Integer.parseInt(content.group(1))).as("number in %s", file).isEqualTo(last + 1);
    assertThat(content.group(3)).hasSize(Integer.parseInt(content.group(2)));
    return last + 1;
  }
}
