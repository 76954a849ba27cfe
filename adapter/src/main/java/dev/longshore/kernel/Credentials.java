package dev.longshore.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * As whom a process acts (proc_pid_status(5)): real user and group, and supplementary groups in the
 * kernel's order. Ids are 0 to 2^32-2.
 */
public record Credentials(long uid, long gid, List<Long> groups) {
  public Credentials {
    groups = List.copyOf(groups);
  }

  /** From the text of a {@code /proc/<pid>/status}; empty when it lacks the ids. */
  static Optional<Credentials> parse(String status) {
    List<Long> uids = numbers(status, "Uid:");
    List<Long> gids = numbers(status, "Gid:");
    return uids.isEmpty() || gids.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Credentials(uids.getFirst(), gids.getFirst(), numbers(status, "Groups:")));
  }

  private static List<Long> numbers(String status, String key) {
    List<Long> numbers = new ArrayList<>();
    for (String line : status.lines().filter(l -> l.startsWith(key)).toList()) {
      for (String word : line.substring(key.length()).strip().split("\\s+", -1)) {
        if (!word.isEmpty()) {
          numbers.add(Long.parseUnsignedLong(word));
        }
      }
    }
    return numbers;
  }
}
