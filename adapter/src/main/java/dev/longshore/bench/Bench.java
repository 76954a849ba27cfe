package dev.longshore.bench;

import dev.longshore.bench.BareClient.BarePod;
import dev.longshore.bench.Subject.BenchPod;
import dev.longshore.common.CriException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private static final int MOST_SETTLING = 15;

  private final BenchPlan plan;
  private final PrintStream progress;
  private final Optional<ProcessUse> docker;
  private final List<Subject> subjects = new ArrayList<>();
  private Optional<BareClient> bare = Optional.empty();
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
            ? Report.json(plan, bench.columns())
            : Report.table(bench.columns(), bench.docker.isPresent()));
  }

  /** The bare client comes first, so that the ratio is what a server adds. */
  private List<Measured> columns() {
    List<Measured> columns = new ArrayList<>();
    bare.ifPresent(columns::add);
    columns.addAll(subjects);
    return columns;
  }

  private void run(Path logs) throws InterruptedException {
    String run = UUID.randomUUID().toString();
    bare =
        plan.baseline()
            .map(
                with ->
                    new BareClient(
                        new DockerSocket(with.docker()),
                        new BarePlugins(with.cniConfigurations(), with.cniPlugins()),
                        run));
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
    }
    warmUp();
    startPods();
    subjects.forEach(Subject::checkLists);
    reads();
    relistCost();
    execs();
    idle();
    subjects.forEach(s -> s.set(Figure.RSS_LOADED, s.process().rssMib()));
    churn();
    endPods();
  }

  /** What a server loads when it is first used belongs to it, not to what is measured. */
  private void warmUp() throws InterruptedException {
    for (Subject subject : subjects) {
      parallel(plan.parallel(), _ -> subject.end(subject.start(plan.image(), plan.containers())));
      for (int i = 0; i < plan.rounds(); i++) {
        subject.relist();
      }
      subject.forget(EnumSet.allOf(Call.class));
    }
    settle();
    for (Subject subject : subjects) {
      ProcessUse process = subject.process();
      subject.set(Figure.RSS_BEFORE, process.rssMib());
      subject.set(Figure.THREADS_BEFORE, process.threads());
      subject.set(Figure.FILES_BEFORE, process.files());
    }
    say("warmed up with %d pods".formatted(plan.parallel()));
  }

  private void startPods() throws InterruptedException {
    Map<Subject, Long> nanos = new HashMap<>();
    for (int made = 0; made < plan.pods(); made += plan.parallel()) {
      int batch = Math.min(plan.parallel(), plan.pods() - made);
      for (Subject subject : subjects) {
        long began = System.nanoTime();
        parallel(batch, _ -> subject.keep(subject.start(plan.image(), plan.containers())));
        nanos.merge(subject, System.nanoTime() - began, Long::sum);
      }
      if (bare.isPresent()) {
        BareClient client = bare.get();
        client.learn(subjects.getFirst().pods().getFirst());
        parallel(batch, _ -> client.start());
      }
      say("%d of %d pods run".formatted(made + batch, plan.pods()));
    }
    nanos.forEach((subject, taken) -> subject.set(Figure.STARTS, plan.pods() * 1e9 / taken));
  }

  private void reads() {
    int warmUp = plan.rounds() / WARM_UP_ROUNDS;
    for (int round = -warmUp; round < plan.rounds(); round++) {
      checkStopped();
      if (round == 0) {
        subjects.forEach(subject -> subject.forget(Call.READS));
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
      if (bare.isPresent()) {
        BareClient client = bare.get();
        List<BarePod> batch = client.pods().stream().limit(plan.parallel()).toList();
        parallel(batch.size(), i -> client.end(batch.get(i)));
      }
      for (Subject subject : subjects) {
        List<BenchPod> batch = subject.pods().stream().limit(plan.parallel()).toList();
        parallel(batch.size(), i -> subject.end(batch.get(i)));
      }
    }
    say("all pods are removed");
    settle();
    for (Subject subject : subjects) {
      ProcessUse process = subject.process();
      subject.set(Figure.RSS_AFTER, process.rssMib());
      subject.set(Figure.THREADS_AFTER, process.threads());
      subject.set(Figure.FILES_AFTER, process.files());
    }
  }

  /** Lets connections and threads go that are kept for a while. */
  private void settle() throws InterruptedException {
    for (int second = 0; second < Math.min(plan.idleSeconds(), MOST_SETTLING); second++) {
      checkStopped();
      Thread.sleep(1000);
    }
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
    try {
      bare.ifPresent(BareClient::cleanUp);
    } catch (CriException e) {
      say("pods of the bare client are left: " + e.getMessage());
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
    void run(int number) throws InterruptedException;
  }
}
