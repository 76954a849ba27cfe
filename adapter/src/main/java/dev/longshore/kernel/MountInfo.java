package dev.longshore.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One mount as {@code mountinfo} has it (proc_pid_mountinfo(5)).
 *
 * @param device {@code major:minor} of the file system, the same for all mounts of it
 * @param root what of the file system is mounted; {@code /} for all of it
 * @param type of the file system, such as {@code overlay}
 * @param options of the file system
 */
public record MountInfo(
    String device, String root, String mountPoint, String type, String options) {
  private static final Pattern OCTAL_ESCAPE = Pattern.compile("\\\\([0-7]{3})");
  private static final String DASH = " - ";
  private static final int DEVICE = 2;
  private static final int ROOT = 3;
  private static final int MOUNT_POINT = 4;

  /** All mounts of the file, lower ones first; lines of other forms are passed. */
  public static List<MountInfo> parse(String mountinfo) {
    return mountinfo.lines().flatMap(line -> parseLine(line).stream()).toList();
  }

  /** The file system that {@code path} is on, as {@link #device} has it. */
  public static String device(Path path) throws IOException {
    // The bits of glibc's makedev(3).
    long number = (Long) Files.getAttribute(path, "unix:dev");
    long major = ((number >>> 8) & 0xfff) | ((number >>> 32) & ~0xfffL);
    long minor = (number & 0xff) | ((number >>> 12) & ~0xffL);
    return major + ":" + minor;
  }

  // Fields: two ids, device, root, mount point, options, " - ", type, source, options of the file
  // system.
  private static Optional<MountInfo> parseLine(String line) {
    int dash = line.indexOf(DASH);
    if (dash < 0) {
      return Optional.empty();
    }
    String[] left = line.substring(0, dash).split(" ", -1);
    String[] right = line.substring(dash + DASH.length()).split(" ", -1);
    return left.length <= MOUNT_POINT
        ? Optional.empty()
        : Optional.of(
            new MountInfo(
                left[DEVICE],
                unescape(left[ROOT]),
                unescape(left[MOUNT_POINT]),
                right[0],
                right[right.length - 1]));
  }

  // Space, tab, newline and backslash are written as octal numbers.
  private static String unescape(String field) {
    return OCTAL_ESCAPE.matcher(field).replaceAll(MountInfo::character);
  }

  private static String character(MatchResult escape) {
    char c = (char) Integer.parseInt(escape.group(1), 8);
    return c == '\\' ? "\\\\" : String.valueOf(c);
  }
}
