package dev.longshore.container;

import com.google.protobuf.ByteString;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.ExecState;
import dev.longshore.kernel.ProcessTree;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * One command under way: its output is read on a thread of its own while the caller watches its
 * life and the clock. The output may outlive the command, when something it left in the background
 * holds it open; then it is cut off after {@link #DRAIN}.
 */
final class ExecRun {
  /** Most commands have ended by then, and cost no extra request. */
  private static final Duration FIRST_LOOK = Duration.ofMillis(300);

  /** Between looks at a process of this machine: one small file. */
  private static final Duration LOOK = Duration.ofMillis(20);

  /** Between questions to Docker. */
  private static final Duration QUESTION = Duration.ofMillis(500);

  private static final Duration DRAIN = Duration.ofSeconds(1);

  /** Docker learns of an exit a moment after the output has ended. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(2);

  private static final Duration KILL_BUDGET = Duration.ofSeconds(5);

  private final Output output;
  private final Supplier<ExecState> docker;
  private final IntFunction<Optional<ProcessTree>> trees;
  private final String title;
  private final BoundedOutput stdout = new BoundedOutput(ExecSync.OUTPUT_BOUND);
  private final BoundedOutput stderr = new BoundedOutput(ExecSync.OUTPUT_BOUND);
  private Optional<ProcessTree> tree = Optional.empty();
  private Deadline nextQuestion = Deadline.in(Duration.ZERO);

  /**
   * @param output runs the command and feeds its output, until that ends or an interrupt
   * @param docker asks Docker how the command stands
   * @param trees the processes of a pid; empty when it is not to be seen from here
   * @param title names the command in messages
   */
  ExecRun(
      Output output,
      Supplier<ExecState> docker,
      IntFunction<Optional<ProcessTree>> trees,
      String title) {
    this.output = output;
    this.docker = docker;
    this.trees = trees;
    this.title = title;
  }

  ByteString stdout() {
    return stdout.content();
  }

  ByteString stderr() {
    return stderr.content();
  }

  @Override
  public String toString() {
    return title;
  }

  /**
   * Runs the command to its end and returns its exit code.
   *
   * @throws CriException TIMED_OUT when {@code limit} passes first, CANCELLED when the thread is
   *     interrupted; the command has been killed then, or the message says why not
   */
  int await(Deadline limit) {
    FutureTask<Boolean> stream = new FutureTask<>(this::readOutput);
    Thread reader = Thread.ofVirtual().name("output of " + title).start(stream);
    try {
      boolean inTime = hasEnded(stream, FIRST_LOOK, limit) || watch(stream, limit);
      return exitCode(inTime ? limit : Deadline.in(KILL_BUDGET));
    } catch (CriException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw cancelled(e);
      }
      // Nobody will hear of its end any more.
      tree.ifPresent(_ -> kill());
      throw e;
    } catch (TimeoutException e) {
      throw new CriException(
          Kind.TIMED_OUT, "%s did not end in time; %s".formatted(title, kill()), e);
    } catch (InterruptedException e) {
      throw cancelled(e);
    } finally {
      reader.interrupt();
    }
  }

  private CriException cancelled(Exception cause) {
    String fate = kill();
    Thread.currentThread().interrupt();
    return new CriException(
        Kind.CANCELLED, "the caller of %s went away; %s".formatted(title, fate), cause);
  }

  private boolean readOutput() {
    output.read(stdout::add, stderr::add);
    return true;
  }

  /** True when the output has ended in time; false when the command was seen to have ended. */
  private boolean watch(FutureTask<Boolean> stream, Deadline limit)
      throws InterruptedException, TimeoutException {
    do {
      if (!commandRuns()) {
        boolean _ = hasEnded(stream, DRAIN, Deadline.never());
        return false;
      }
    } while (!hasEnded(stream, tree.isPresent() ? LOOK : QUESTION, limit));
    return true;
  }

  /** Waits for the end of the output, at most that long. */
  private boolean hasEnded(FutureTask<Boolean> stream, Duration time, Deadline limit)
      throws InterruptedException, TimeoutException {
    try {
      return stream.get(Math.max(0, limit.atMost(time).left().toNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      if (limit.passed()) {
        throw e;
      }
      return false;
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  private CriException failure(ExecutionException e) {
    Kind kind = e.getCause() instanceof CriException known ? known.kind() : Kind.INTERNAL;
    String reason = e.getCause() == null ? e.toString() : e.getCause().getMessage();
    return new CriException(kind, "cannot run %s: %s".formatted(title, reason), e);
  }

  /** By the process when it can be seen, and by asking Docker now and then otherwise. */
  private boolean commandRuns() {
    if (tree.isPresent()) {
      return tree.get().rootRuns();
    }
    if (!nextQuestion.passed()) {
      return true;
    }
    nextQuestion = Deadline.in(QUESTION);
    ExecState state = docker.get();
    if (state.exitCode().isPresent() && !state.running()) {
      return false;
    }
    tree = state.pid().isPresent() ? trees.apply(state.pid().getAsInt()) : Optional.empty();
    return true;
  }

  private int exitCode(Deadline limit) throws InterruptedException, TimeoutException {
    Duration pause = FIRST_PAUSE;
    while (true) {
      ExecState state = docker.get();
      if (!state.running() && state.exitCode().isPresent()) {
        return state.exitCode().getAsInt();
      }
      if (limit.passed()) {
        throw new TimeoutException();
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2).compareTo(QUESTION) < 0 ? pause.multipliedBy(2) : QUESTION;
    }
  }

  /** Kills what runs and says what became of it. */
  private String kill() {
    // An interrupt told the caller's wait to end; this has a deadline of its own.
    boolean _ = Thread.interrupted();
    Deadline deadline = Deadline.in(KILL_BUDGET);
    try {
      while (tree.isEmpty() && !deadline.passed()) {
        ExecState state = docker.get();
        if (!state.running() && state.exitCode().isPresent()) {
          return "it has ended meanwhile";
        }
        if (state.pid().isPresent()) {
          tree = trees.apply(state.pid().getAsInt());
          break;
        }
        Thread.sleep(LOOK);
      }
      if (tree.isEmpty()) {
        return "if it runs, it goes on, since its process cannot be seen from here: is Docker on"
            + " another machine, or in another PID namespace?";
      }
      int left = tree.get().kill(deadline);
      return left == 0
          ? "it was killed with all it had started"
          : "it was killed, but the kernel has not ended %d of its processes yet".formatted(left);
    } catch (CriException e) {
      return "it may go on: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "it may go on: interrupted while killing it";
    }
  }

  /** The command's output, read on the calling thread. */
  @FunctionalInterface
  interface Output {
    void read(Consumer<byte[]> stdout, Consumer<byte[]> stderr);
  }
}
