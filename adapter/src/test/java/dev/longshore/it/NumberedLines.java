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
    return command(
        lines, seed, "if (i %% %d == 0) { fflush(); system(\"usleep 50000\") }".formatted(burst));
  }

  /** The same without pauses, but that it waits after {@code some} lines until a file is there. */
  static String[] gated(int lines, int some, String file) {
    return command(
        lines,
        some,
        "if (i == %d) { fflush(); while (system(\"test -e %s\")) system(\"usleep 50000\") }"
            .formatted(some, file));
  }

  private static String[] command(int lines, int seed, String pause) {
    String program =
        """
        BEGIN {
          srand(%d); pad = "x"; while (length(pad) < 65536) pad = pad pad
          for (i = 1; i <= %d; i++) {
            n = int(rand() * (i %% 100 == 0 ? 50000 : 400))
            print i, n, substr(pad, 1, n)
            %s
          }
        }
        """
            .formatted(seed, lines, pause);
    return new String[] {"awk", program};
  }

  /** Every line once, in order, in the log's files; the last one's number. */
  static int check(Path log) throws IOException {
    return check(LogKubelet.files(log), 0);
  }

  /** The same for files that go on after line {@code before}. */
  static int check(List<Path> files, int before) throws IOException {
    int last = before;
    StringBuilder pieces = new StringBuilder();
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
    assertThat(pieces).as("unfinished line in %s", files).isEmpty();
    return last;
  }

  /** The number of a log's first line. */
  static int first(Path log) throws IOException {
    String line = Files.readAllLines(log, StandardCharsets.ISO_8859_1).getFirst();
    return Integer.parseInt(line.split(" ", -1)[3]);
  }

  private static int next(int last, StringBuilder line, Path file) {
    Matcher content = CONTENT.matcher(line);
    assertThat(content.matches()).as("line after %d in %s: %s", last, file, line).isTrue();
    assertThat(Integer.parseInt(content.group(1))).as("number in %s", file).isEqualTo(last + 1);
    assertThat(content.group(3)).hasSize(Integer.parseInt(content.group(2)));
    return last + 1;
  }
}
