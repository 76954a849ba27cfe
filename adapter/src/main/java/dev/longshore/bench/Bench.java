package dev.longshore.bench;

import dev.longshore.bench.Subject.BenchPod;
import dev.longshore.common.CriException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures CRI servers side by side. Whatever it makes it removes, be it interrupted or cut off by
 * a signal.
 */
public final class Bench {
  private static final Path PROC = Path.of("/proc");
  private static final int RELISTS_PER_CPU_SAMPLE = 300;
  private static final int WARM_UP_ROUNDS = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int ROUNDS_PER_STATS = 10;

  private final BenchPlan plan;
  private final PrintStream progress;
  private final Optional<ProcessUse> docker;
  private final List<Subject> subjects = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopped;

  private Bench(BenchPlan plan, PrintStream progress) {
    this.plan = plan;
    this.progress = progress;
    this.docker =
        (plan.dockerPid().isPresent() ? plan.dockerPid() : ProcessUse.named(PROC, "dockerd"))
            .stream().mapToObj(pid -> new ProcessUse(PROC, pid)).findFirst();
  }

  /**
   * Measures, and prints the report.
   *
   * @throws CriException when a server fails a call
   */
  public static void measure(BenchPlan plan, PrintStream out, PrintStream progress)
      throws InterruptedException {
    Bench bench = new Bench(plan, progress);
    try {
      Path logs = Files.createTempDirectory("longshore-bench-");
      try {
        bench.run(logs);
      } finally {
        deleteTree(logs);
      }
    } catch (IOException e) {
      throw new CriException(CriException.Kind.UNAVAILABLE, "cannot keep the pods' logs: " + e, e);
    }
    out.print(
        plan.json()
            ? Report.json(plan, bench.subjects)
            : Report.table(bench.subjects, bench.docker.isPresent()));
  }

  private void run(Path logs) throws InterruptedException {
    String run = UUID.randomUUID().toString();
    Thread onSignal = new Thread(this::cutOff, "bench-clean-up");
    try {
      for (Path socket : plan.sockets()) {
        subjects.add(new Subject(socket, run, logs, PROC));
      }
      Runtime.getRuntime().addShutdownHook(onSignal);
      measure();
    } finally {
      if (!stopped) {
        cleanUp();
        boolean _ = Runtime.getRuntime().removeShutdownHook(onSignal);
        subjects.forEach(Subject::close);
      }
      ended.countDown();
    }
  }

  private void measure() throws InterruptedException {
    for (Subject subject : subjects) {
      say("%s: %s".formatted(subject.socket(), subject.prepare(plan.image())));
      subject.set(Figure.RSS_BEFORE, subject.process().rssMib());
    }
    startPods();
    reads();
    relistCost();
    execs();
    idle();
    subjects.forEach(s -> s.set(Figure.RSS_LOADED, s.process().rssMib()));
    churn();
    endPods();
  }

  private void startPods() throws InterruptedException {
    for (int made = 0; made < plan.pods(); made += plan.parallel()) {
      int batch = Math.min(plan.parallel(), plan.pods() - made);
      for (Subject subject : subjects) {
        parallel(batch, _ -> subject.keep(subject.start(plan.image(), plan.containers())));
      }
      say("%d of %d pods run".formatted(made + batch, plan.pods()));
    }
  }

  private void reads() {
    int warmUp = plan.rounds() / WARM_UP_ROUNDS;
    for (int round = -warmUp; round < plan.rounds(); round++) {
      checkStopped();
      if (round == 0) {
        subjects.forEach(Subject::forgetReads);
      }
      for (Subject subject : subjects) {
        subject.relist();
        subject.statuses(subject.pods().get(Math.floorMod(round, subject.pods().size())));
        if (round % ROUNDS_PER_STATS == 0) {
          subject.stats();
        }
      }
    }
    say("%d rounds of reads".formatted(plan.rounds()));
  }

  private void relistCost() {
    for (Subject subject : subjects) {
      double before = subject.process().cpuMillis();
      double dockerBefore = dockerCpu();
      for (int i = 0; i < RELISTS_PER_CPU_SAMPLE; i++) {
        checkStopped();
        subject.relist();
      }
      subject.set(
          Figure.RELIST_CPU, (subject.process().cpuMillis() - before) / RELISTS_PER_CPU_SAMPLE);
      subject.set(Figure.RELIST_DOCKER_CPU, (dockerCpu() - dockerBefore) / RELISTS_PER_CPU_SAMPLE);
    }
    say("CPU of %d relists".formatted(RELISTS_PER_CPU_SAMPLE));
  }

  private void execs() {
    for (int i = 0; i < plan.execs(); i++) {
      checkStopped();
      for (Subject subject : subjects) {
        subject.exec(subject.pods().get(i % subject.pods().size()));
      }
    }
    say("%d execs".formatted(plan.execs()));
  }

  /** One for all: none is asked anything. */
  private void idle() throws InterruptedException {
    if (plan.idleSeconds() == 0) {
      return;
    }
    List<Double> before = subjects.stream().map(s -> s.process().cpuMillis()).toList();
    double dockerBefore = dockerCpu();
    for (int second = 0; second < plan.idleSeconds(); second++) {
      checkStopped();
      Thread.sleep(1000);
    }
    double perCent = 10.0 * plan.idleSeconds();
    for (int i = 0; i < subjects.size(); i++) {
      Subject subject = subjects.get(i);
      subject.set(Figure.IDLE_CPU, (subject.process().cpuMillis() - before.get(i)) / perCent);
      subject.set(Figure.IDLE_DOCKER_CPU, (dockerCpu() - dockerBefore) / perCent);
    }
    say("%d s of idleness".formatted(plan.idleSeconds()));
  }

  private void churn() throws InterruptedException {
    for (int made = 0; made < plan.churn(); made += plan.parallel()) {
      int batch = Math.min(plan.parallel(), plan.churn() - made);
      for (Subject subject : subjects) {
        parallel(batch, _ -> subject.end(subject.start(plan.image(), plan.containers())));
      }
      say("%d of %d pods made and removed".formatted(made + batch, plan.churn()));
    }
  }

  private void endPods() throws InterruptedException {
    while (subjects.stream().anyMatch(subject -> !subject.pods().isEmpty())) {
      for (Subject subject : subjects) {
        List<BenchPod> batch = subject.pods().stream().limit(plan.parallel()).toList();
        parallel(batch.size(), i -> subject.end(batch.get(i)));
      }
    }
    subjects.forEach(s -> s.set(Figure.RSS_AFTER, s.process().rssMib()));
    say("all pods are removed");
  }

  /** Does the work that many times at once, and fails as the first of those that failed. */
  private void parallel(int count, Numbered work) throws InterruptedException {
    Semaphore finished = new Semaphore(0);
    List<FutureTask<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      FutureTask<Boolean> task =
          new FutureTask<>(
              () -> {
                checkStopped();
                work.run(number);
                return true;
              });
      tasks.add(task);
      Thread _ =
          Thread.startVirtualThread(
              () -> {
                task.run();
                finished.release();
              });
    }
    finished.acquire(count);
    for (FutureTask<Boolean> task : tasks) {
      try {
        boolean _ = task.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof CriException failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  /**
   * A signal: calls under way are waited for, since a server may go on with them when their caller
   * leaves; then all pods go.
   */
  private void cutOff() {
    stopped = true;
    say("interrupted: removing the pods, once the calls under way have ended");
    try {
      if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        say("a call does not end; what it makes may be left");
      }
    } catch (InterruptedException e) {
      say("in a hurry: what the calls under way make may be left");
    }
    cleanUp();
  }

  private void cleanUp() {
    for (Subject subject : subjects) {
      try {
        int left = subject.cleanUp();
        if (left > 0) {
          say("%s: removed %d pods that were left".formatted(subject.name(), left));
        }
      } catch (CriException e) {
        say(
            "%s: pods of namespace %s are left: %s"
                .formatted(subject.name(), Subject.NAMESPACE, e.getMessage()));
      }
    }
  }

  private void checkStopped() {
    if (stopped) {
      throw new CriException(CriException.Kind.CANCELLED, "interrupted");
    }
  }

  private double dockerCpu() {
    return docker.map(ProcessUse::cpuMillis).orElse(0.0);
  }

  private void say(String text) {
    progress.println("bench: " + text);
  }

  private static void deleteTree(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Work on the object of that number. */
  @FunctionalInterface
  private interface Numbered {
    void run(int number);
  }
}
