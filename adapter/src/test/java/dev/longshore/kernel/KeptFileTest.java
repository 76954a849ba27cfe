package dev.longshore.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptFileTest {
  @TempDir Path root;

  @Test
  void eachReadingGivesTheTextOfItsTimeWhileTheFileStaysOpen() throws IOException {
    Path path = Files.writeString(root.resolve("cpu.stat"), "first\n");
    try (KeptFile<String> file = kept(path)) {
      assertThat(read(file)).contains("first\n");
      Files.writeString(path, "second and longer\n");

      assertThat(read(file)).contains("second and longer\n");
      assertThat(OpenInTests.below(root)).containsExactly(path);
    }
    assertThat(OpenInTests.below(root)).isEmpty();
  }

  @Test
  void aTextIsParsedOnlyWhenItHasChanged() throws IOException {
    Path path = Files.writeString(root.resolve("cpu.stat"), "1\n");
    List<String> parsed = new ArrayList<>();
    try (KeptFile<Integer> file =
            new KeptFile<>(
                path,
                text -> {
                  parsed.add(text);
                  return text.length();
                });
        Arena arena = Arena.ofConfined()) {
      for (String text : List.of("1\n", "1\n", "12\n", "12\n", "1\n")) {
        Files.writeString(path, text);
        assertThat(file.read(arena.allocate(Descriptors.BUFFER))).contains(text.length());
      }
    }
    assertThat(parsed).containsExactly("1\n", "12\n", "1\n");
  }

  @Test
  void aFileThatWasNotThereIsNotLookedForAgain() throws IOException {
    Path path = root.resolve("memory.swap.current");
    try (KeptFile<String> file = kept(path)) {
      assertThat(read(file)).isEmpty();
      Files.writeString(path, "1\n");

      assertThat(read(file)).isEmpty();
    }
  }

  @Test
  void aClosedFileIsOpenedAgain() throws IOException {
    KeptFile<String> file = kept(Files.writeString(root.resolve("cpu.stat"), "text\n"));
    assertThat(read(file)).isPresent();
    file.close();

    assertThat(read(file)).contains("text\n");
    file.close();
  }

  @Test
  void filesBeyondTheMostThatStayOpenAreReadAllTheSame() throws IOException {
    Path path = Files.writeString(root.resolve("cpu.stat"), "text\n");
    List<KeptFile<String>> files = new ArrayList<>();
    try {
      for (int i = 0; i < KeptFile.MOST_OPEN + 10; i++) {
        KeptFile<String> file = kept(path);
        files.add(file);
        assertThat(read(file)).contains("text\n");
      }

      assertThat(OpenInTests.below(root)).hasSizeLessThanOrEqualTo(KeptFile.MOST_OPEN);
    } finally {
      files.forEach(KeptFile::close);
    }
    assertThat(OpenInTests.below(root)).isEmpty();
  }

  private static KeptFile<String> kept(Path path) {
    return new KeptFile<>(path, text -> text);
  }

  private static Optional<String> read(KeptFile<String> file) {
    try (Arena arena = Arena.ofConfined()) {
      return file.read(arena.allocate(Descriptors.BUFFER));
    }
  }
}
