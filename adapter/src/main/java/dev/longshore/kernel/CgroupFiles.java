package dev.longshore.kernel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes limits into a cgroup. Files go by their names in version 2. Stateless. */
public final class CgroupFiles {
  private static final Pattern HUGE_PAGES = Pattern.compile("hugetlb\\.([0-9]+[KMG]B)\\.max");

  private CgroupFiles() {}

  /** The file that limits huge pages of that size, such as {@code 2MB}. */
  public static String hugePages(String pageSize) {
    return "hugetlb.%s.max".formatted(pageSize);
  }

  /** The page size, if it is a file that limits huge pages. */
  public static Optional<String> pageSize(String file) {
    Matcher huge = HUGE_PAGES.matcher(file);
    return huge.matches() ? Optional.of(huge.group(1)) : Optional.empty();
  }

  /**
   * Writes one file. Of the names of version 2, {@code hugetlb.<size>.max} is known in version 1
   * too, as {@code hugetlb.<size>.limit_in_bytes}; where the kernel counts reservations of huge
   * pages apart (5.7), they get the same limit, as pages are otherwise only refused when touched,
   * by SIGBUS (kernel cgroup-v1/hugetlb.rst).
   *
   * @throws NoSuchFileException when the controller is off or the cgroup is gone
   * @throws IOException when the kernel refuses the value
   */
  public static void write(CgroupPaths paths, String name, String value) throws IOException {
    String controller = name.substring(0, name.indexOf('.'));
    CgroupDir dir =
        paths.of(controller).orElseThrow(() -> new NoSuchFileException("no cgroup of " + name));
    Optional<String> page = pageSize(name);
    if (page.isEmpty()) {
      put(dir.path().resolve(name), value);
      return;
    }
    String limit =
        switch (dir) {
          case CgroupDir.V1 _ -> "limit_in_bytes";
          case CgroupDir.V2 _ -> "max";
        };
    Path reservations = dir.path().resolve("hugetlb.%s.rsvd.%s".formatted(page.get(), limit));
    if (Files.exists(reservations)) {
      put(reservations, value);
    }
    put(dir.path().resolve("hugetlb.%s.%s".formatted(page.get(), limit)), value);
  }

  // Without "create": a missing file is an answer. Without "truncate": these files have no length.
  private static void put(Path file, String value) throws IOException {
    Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
  }
}
