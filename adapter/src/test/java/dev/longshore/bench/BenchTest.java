package dev.longshore.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.longshore.FakeNode;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BenchTest {
  private static final int PODS = 3;
  private static final int CONTAINERS = 2;
  private static final int CHURN = 3;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream progress = new ByteArrayOutputStream();

  @Test
  void everyCallIsMeasuredAndNothingIsLeft(@TempDir Path folder) throws Exception {
    try (FakeNode node = new FakeNode(folder).ready()) {
      measure(true, node.socket());
      assertThat(node.docker.names()).isEmpty();
    }
    JsonNode report = new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8));
    JsonNode calls = report.get("servers").get(0).get("milliseconds");
    for (Call call : Call.values()) {
      assertThat(calls.get(call.title()).get("count").asInt()).as(call.title()).isPositive();
      assertThat(calls.get(call.title()).get("p50").asDouble()).as(call.title()).isPositive();
    }
    assertThat(calls.get(Call.START_CONTAINER.title()).get("count").asInt())
        .isEqualTo((PODS + CHURN) * CONTAINERS);
    JsonNode figures = report.get("servers").get(0).get("figures");
    for (Figure figure :
        List.of(Figure.STARTS, Figure.RSS_BEFORE, Figure.THREADS_BEFORE, Figure.FILES_AFTER)) {
      String key = figure.title() + ", " + figure.unit();
      assertThat(figures.get(key).asDouble()).as(key).isPositive();
    }
    assertThat(progress.toString(StandardCharsets.UTF_8)).contains("3 of 3 pods run");
  }

  @Test
  void twoServersAreComparedInATable(@TempDir Path folder) throws Exception {
    Path one = Files.createDirectory(folder.resolve("one"));
    Path two = Files.createDirectory(folder.resolve("two"));
    try (FakeNode first = new FakeNode(one).ready();
        FakeNode second = new FakeNode(two).ready()) {
      measure(false, first.socket(), second.socket());
      assertThat(first.docker.names()).isEmpty();
      assertThat(second.docker.names()).isEmpty();
    }
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .anySatisfy(
            line -> assertThat(line).matches("relist \\(both lists\\)( +[0-9.]+){6} +[0-9.]+"));
  }

  @Test
  void aFailureIsToldAndThePodsAreRemoved(@TempDir Path folder) {
    try (FakeNode node = new FakeNode(folder).ready()) {
      Stream.of(1, 2)
          .forEach(
              _ ->
                  node.docker.failNext(
                      "create", new CriException(Kind.INTERNAL, "no space left on device")));
      assertThatThrownBy(() -> measure(true, node.socket()))
          .hasMessageContaining("no space left on device");
      assertThat(node.docker.names()).isEmpty();
    }
  }

  @Test
  void aListThatLacksAPodIsNoGoodAnswer(@TempDir Path folder) throws Exception {
    try (FakeNode node = new FakeNode(folder).ready();
        Subject subject = new Subject(node.socket(), "run", folder, Path.of("/proc"))) {
      subject.keep(subject.start(FakeNode.IMAGE, CONTAINERS));
      subject.checkLists();
      node.docker.removeBehind(subject.pods().getFirst().containers().getFirst());
      Eventually.until(
          "the container is gone",
          () -> {
            try {
              subject.checkLists();
              return false;
            } catch (CriException e) {
              return e.getMessage().contains(subject.pods().getFirst().sandbox());
            }
          });
    }
  }

  @Test
  void aShareOfSamplesIsTheOneThatSoManyDidNotExceed() {
    Samples samples = new Samples();
    assertThat(samples.millis(0.5)).isNaN();
    for (int i = 100; i >= 1; i--) {
      samples.add(i * 1_000_000L);
    }
    assertThat(samples.millis(0.5)).isEqualTo(50);
    assertThat(samples.millis(0.9)).isEqualTo(90);
    assertThat(samples.millis(0.99)).isEqualTo(99);
    assertThat(samples.millis(1)).isEqualTo(100);
  }

  @Test
  void aProcessIsReadFromProc(@TempDir Path proc) throws IOException {
    Path folder = Files.createDirectory(proc.resolve("42"));
    Files.writeString(folder.resolve("comm"), "dockerd\n");
    Files.writeString(
        folder.resolve("stat"), "42 (a) b) S 1 42 42 0 -1 0 9 9 9 9 150 50 7 7 20 0 3 0 100");
    Files.writeString(folder.resolve("status"), "Name:\tdockerd\nVmRSS:\t  2048 kB\nThreads:\t7\n");
    Files.createFile(Files.createDirectory(folder.resolve("fd")).resolve("0"));
    assertThat(ProcessUse.named(proc, "dockerd")).isEqualTo(OptionalInt.of(42));
    assertThat(ProcessUse.named(proc, "kubelet")).isEmpty();
    assertThat(new ProcessUse(proc, 42).cpuMillis()).isEqualTo(2000);
    assertThat(new ProcessUse(proc, 42).rssMib()).isEqualTo(2);
    assertThat(new ProcessUse(proc, 42).threads()).isEqualTo(7);
    assertThat(new ProcessUse(proc, 42).files()).isEqualTo(1);
    assertThat(new ProcessUse(proc, 43).cpuMillis()).isZero();
  }

  private void measure(boolean json, Path... sockets) throws InterruptedException {
    BenchPlan plan =
        new BenchPlan(
            List.of(sockets),
            PODS,
            CONTAINERS,
            2,
            20,
            1,
            CHURN,
            0,
            FakeNode.IMAGE,
            OptionalInt.empty(),
            Optional.empty(),
            json);
    Bench.measure(
        plan,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(progress, true, StandardCharsets.UTF_8));
  }
}
