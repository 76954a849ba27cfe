package dev.longshore.docker;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import dev.longshore.docker.FakeDockerEngine.ExecAnswer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Commands in the containers of a fake daemon. Thread-safe. */
final class FakeExecs {
  private final FakeFaults faults;
  private final Map<String, Exec> execs = new ConcurrentHashMap<>();
  private volatile Function<List<String>, ExecAnswer> script = _ -> ExecAnswer.exits(0, "", "");

  private volatile Optional<Function<List<String>, FakeStream.Program>> streams = Optional.empty();
  private volatile FakeStream.Program attached = _ -> 0;

  FakeExecs(FakeFaults faults) {
    this.faults = faults;
  }

  void script(Function<List<String>, ExecAnswer> changed) {
    script = changed;
  }

  void streamScript(Function<List<String>, FakeStream.Program> changed) {
    streams = Optional.of(changed);
  }

  void attachScript(FakeStream.Program changed) {
    attached = changed;
  }

  FakeStream stream(Exec exec) {
    List<String> command = exec.spec.command();
    if (command.equals(List.of("cat"))) {
      return started(exec, FakeExecs::repeat);
    }
    FakeStream.Program program =
        streams
            .map(script -> script.apply(command))
            .orElseGet(() -> answering(script.apply(command)));
    return started(exec, program);
  }

  private FakeStream started(Exec exec, FakeStream.Program program) {
    FakeStream stream = new FakeStream();
    if (!exec.spec.stdin()) {
      stream.closeInput();
    }
    stream.start(exec.id, program, code -> end(exec.id, code));
    return stream;
  }

  private static int repeat(FakeStream io) throws InterruptedException {
    Optional<byte[]> next = io.readInput();
    while (next.isPresent()) {
      io.print(EngineStream.Output.STDOUT, next.get());
      next = io.readInput();
    }
    return 0;
  }

  FakeStream attached(AttachSpec spec) {
    FakeStream stream = new FakeStream();
    if (!spec.stdin()) {
      stream.closeInput();
    }
    stream.start("attached", attached, _ -> {});
    return stream;
  }

  private static FakeStream.Program answering(ExecAnswer answer) {
    return io -> {
      io.print(answer.stdout());
      io.print(EngineStream.Output.STDERR, answer.stderr().getBytes(StandardCharsets.UTF_8));
      if (answer.hanging()) {
        io.awaitClosed();
      }
      return answer.exitCode().orElse(137);
    };
  }

  String create(String id, ContainerId container, ExecSpec spec, int pid) {
    execs.put(id, new Exec(id, container, spec, pid, Stage.CREATED, OptionalInt.empty()));
    return id;
  }

  Exec begin(String id) {
    Exec exec = require(id);
    if (exec.stage != Stage.CREATED) {
      throw new CriException(Kind.NOT_READY, "Error: Exec command " + id + " has already run");
    }
    Exec running = exec.at(Stage.RUNNING, OptionalInt.empty());
    execs.put(id, running);
    return running;
  }

  void run(Exec exec, Consumer<byte[]> stdout, Consumer<byte[]> stderr, Deadline deadline) {
    ExecAnswer answer = script.apply(exec.spec.command());
    feed(answer.stdout(), stdout);
    feed(answer.stderr(), stderr);
    if (answer.hanging()) {
      faults.await("runExec", deadline, () -> require(exec.id).stage == Stage.ENDED);
    }
    end(exec.id, answer.exitCode().orElse(137));
  }

  ExecState state(String id) {
    Exec exec = require(id);
    return new ExecState(
        exec.stage == Stage.RUNNING,
        exec.stage == Stage.CREATED ? OptionalInt.empty() : OptionalInt.of(exec.pid),
        exec.exitCode);
  }

  void endAll(int code) {
    execs.keySet().forEach(id -> end(id, code));
  }

  void endAllOf(ContainerId container) {
    execs.values().stream().filter(e -> e.container.equals(container)).forEach(e -> end(e.id, 137));
  }

  private void end(String id, int code) {
    execs.computeIfPresent(
        id, (_, e) -> e.stage == Stage.RUNNING ? e.at(Stage.ENDED, OptionalInt.of(code)) : e);
    faults.wakeUp();
  }

  private Exec require(String id) {
    Exec exec = execs.get(id);
    if (exec == null) {
      throw new CriException(Kind.NOT_FOUND, "No such exec instance: " + id);
    }
    return exec;
  }

  private static void feed(String text, Consumer<byte[]> sink) {
    if (!text.isEmpty()) {
      sink.accept(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  enum Stage {
    CREATED,
    RUNNING,
    ENDED
  }

  record Exec(
      String id, ContainerId container, ExecSpec spec, int pid, Stage stage, OptionalInt exitCode) {
    Exec at(Stage next, OptionalInt code) {
      return new Exec(id, container, spec, pid, next, code);
    }
  }
}
