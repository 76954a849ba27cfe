package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process has open. */
public final class OpenInTests {
  private OpenInTests() {}

  /** Files below a folder, as often as they are open. */
  public static List<Path> below(Path folder) throws IOException {
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      return links.map(OpenInTests::target).filter(file -> file.startsWith(folder)).toList();
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      // It was closed meanwhile.
      return link;
    }
  }
}
