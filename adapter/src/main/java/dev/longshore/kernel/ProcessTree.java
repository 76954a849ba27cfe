package dev.longshore.kernel;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Deadline;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A process that Docker started in a container, and all that came of it: its descendants, its
 * session and group (runc makes every command a session leader), and whoever still writes to its
 * output, so that a child which left both and lost its parent is found as well. Never a process
 * that is in another container, nor the container's first one.
 *
 * <p>Killing freezes first: each process found is stopped before the next look, until a look finds
 * no new one, so that none can fork away between being seen and being killed.
 */
public final class ProcessTree {
  /** More than any fork bomb needs: every look stops all that the one before had missed. */
  private static final int MOST_LOOKS = 100;

  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Processes processes;
  private final Sender signals;
  private final ContainerId container;
  private final int containerPid;
  private final ProcessStat root;
  private final Set<String> pipes;

  private ProcessTree(
      Processes processes,
      Sender signals,
      ContainerId container,
      int containerPid,
      ProcessStat root,
      Set<String> pipes) {
    this.processes = processes;
    this.signals = signals;
    this.container = container;
    this.containerPid = containerPid;
    this.root = root;
    this.pipes = pipes;
  }

  /**
   * The tree of {@code pid}; empty when no process of that pid is in the container: it has ended,
   * or Docker counts pids otherwise than this machine (another machine, another PID namespace).
   */
  public static Optional<ProcessTree> find(
      Processes processes, Sender signals, ContainerId container, int containerPid, int pid) {
    if (pid == containerPid || !processes.isInCgroup(pid, container.value())) {
      return Optional.empty();
    }
    return processes
        .stat(pid)
        .map(
            root ->
                new ProcessTree(
                    processes, signals, container, containerPid, root, processes.outputPipes(pid)));
  }

  /** Whether the first process still runs. */
  public boolean rootRuns() {
    return processes
        .stat(root.pid())
        .filter(now -> now.startTicks() == root.startTicks() && !now.ended())
        .isPresent();
  }

  /**
   * Kills the tree and waits until it is gone.
   *
   * @return how many processes were left at the deadline: the kernel ends them when it can
   */
  public int kill(Deadline deadline) throws InterruptedException {
    Map<Integer, ProcessStat> stopped = new LinkedHashMap<>();
    for (int look = 0; look < MOST_LOOKS; look++) {
      int before = stopped.size();
      for (ProcessStat member : members()) {
        if (stopped.putIfAbsent(member.pid(), member) == null) {
          signals.send(member.pid(), Signals.SIGSTOP);
        }
      }
      if (stopped.size() == before) {
        break;
      }
    }
    stopped.keySet().forEach(pid -> signals.send(pid, Signals.SIGKILL));
    while (stopped.values().stream().anyMatch(this::isThere) && !deadline.passed()) {
      Thread.sleep(PAUSE);
    }
    return (int) stopped.values().stream().filter(this::isThere).count();
  }

  private boolean isThere(ProcessStat member) {
    return processes
        .stat(member.pid())
        .filter(now -> now.startTicks() == member.startTicks() && !now.ended())
        .isPresent();
  }

  private List<ProcessStat> members() {
    List<ProcessStat> all =
        processes.inCgroup(container.value()).stream()
            .filter(process -> process.pid() != containerPid && !process.ended())
            .toList();
    Map<Integer, ProcessStat> members = new HashMap<>();
    // Sessions and groups are named for their leader, and keep the name when it has ended.
    Set<Integer> names = new HashSet<>(Set.of(root.pid()));
    int before;
    do {
      before = members.size();
      for (ProcessStat process : all) {
        if (!members.containsKey(process.pid()) && belongs(process, names::contains)) {
          members.put(process.pid(), process);
          names.add(process.pid());
        }
      }
    } while (members.size() > before);
    return List.copyOf(members.values());
  }

  private boolean belongs(ProcessStat process, IntPredicate isMember) {
    if (process.pid() == root.pid()) {
      return process.startTicks() == root.startTicks();
    }
    return isMember.test(process.parent())
        || isMember.test(process.session())
        || isMember.test(process.group())
        || processes.outputPipes(process.pid()).stream().anyMatch(pipes::contains);
  }

  /** As {@link Signals#send}. */
  @FunctionalInterface
  public interface Sender {
    boolean send(int pid, int signal);
  }
}
