package dev.longshore.kernel;

import java.util.Optional;

/**
 * What {@code /proc/<pid>/stat} says of a process (proc(5)). Pids are those of the mounted procfs.
 *
 * @param state {@code Z} and {@code X} have ended
 * @param startTicks when it started, since boot; together with the pid it names a process for good
 */
public record ProcessStat(
    int pid, char state, int parent, int group, int session, long startTicks) {
  // Numbers behind the name's parenthesis; the name may hold spaces and parentheses itself.
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int GROUP = 2;
  private static final int SESSION = 3;
  private static final int START = 19;

  /** Empty for a text of another form. */
  public static Optional<ProcessStat> parse(String text) {
    int open = text.indexOf(" (");
    int close = text.lastIndexOf(") ");
    if (open < 0 || close < open) {
      return Optional.empty();
    }
    String[] fields = text.substring(close + 2).strip().split(" ", -1);
    if (fields.length <= START) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ProcessStat(
              Integer.parseInt(text.substring(0, open)),
              fields[STATE].charAt(0),
              Integer.parseInt(fields[PARENT]),
              Integer.parseInt(fields[GROUP]),
              Integer.parseInt(fields[SESSION]),
              Long.parseLong(fields[START])));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether it has ended and only waits for its parent to notice. */
  public boolean ended() {
    return state == 'Z' || state == 'X';
  }
}
