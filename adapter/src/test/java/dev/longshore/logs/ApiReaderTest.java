package dev.longshore.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.LogPiece;
import dev.longshore.docker.TestSpecs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Output of drivers without files, from a fake Docker's API. */
@Timeout(60)
class ApiReaderTest {
  private static final String IMAGE = "busybox:1.36";

  private final FakeDockerEngine docker = new FakeDockerEngine();
  private final CopyBuffers buffers = new CopyBuffers(new LogFigures(List.of()));
  private final List<String> lines = new ArrayList<>();
  private ContainerId id;
  private ApiReader reader;

  @BeforeEach
  void begin() {
    docker.addImage(IMAGE);
    id = docker.createBehind(TestSpecs.container("app", IMAGE, "sh"));
    docker.startBehind(id.value());
    reader = reader();
  }

  @AfterEach
  void end() {
    reader.close();
  }

  @Test
  void piecesAreReadAsTheyCome() throws Exception {
    boolean _ = reader.seek(SourcePosition.OLDEST);
    print(1, "one");
    awaitLines("one");
    print(2, "two");
    awaitLines("one", "two");
  }

  @Test
  void anAnswerThatEndsIsAskedForAgainFromWhereItEnded() throws Exception {
    print(1, "one");
    print(1, "two");
    boolean _ = reader.seek(SourcePosition.OLDEST);
    awaitLines("one", "two");
    docker.disconnectLogs();
    print(1, "three");
    print(2, "four");
    awaitLines("one", "two", "three", "four");
  }

  @Test
  void anotherReaderGoesOnFromAPosition() throws Exception {
    boolean _ = reader.seek(SourcePosition.OLDEST);
    print(1, "one");
    print(1, "two");
    awaitLines("one", "two");
    SourcePosition position = reader.position();
    reader.close();
    print(1, "three");
    print(2, "four");
    reader = reader();
    boolean _ = reader.seek(position);
    awaitLines("one", "two", "three", "four");
  }

  @Test
  void whatIsReadAndNotTakenIsReadAgainFromThePosition() throws Exception {
    boolean _ = reader.seek(SourcePosition.OLDEST);
    print(1, "one");
    awaitLines("one");
    SourcePosition position = reader.position();
    print(2, "two");
    Eventually.until("it waits", () -> reader.remaining() > 0);
    boolean _ = reader.seek(position);
    awaitLines("one", "two");
  }

  @Test
  void timesOutOfOrderLoseNothing() throws Exception {
    boolean _ = reader.seek(SourcePosition.OLDEST);
    print(5, "one");
    print(4, "two");
    print(6, "three");
    awaitLines("one", "two", "three");
  }

  @Test
  void dockerWaitsWhenNobodyReads() throws Exception {
    byte[] large = "x".repeat(16 * 1024).getBytes(StandardCharsets.US_ASCII);
    int pieces = 200;
    for (int i = 0; i < pieces; i++) {
      docker.print(id, new LogPiece(i, true, true, large));
    }
    boolean _ = reader.seek(SourcePosition.OLDEST);
    Eventually.until("much waits", () -> reader.remaining() > 500 * 1024);
    assertThat(reader.remaining()).isLessThan(600 * 1024);
    while (lines.size() < pieces) {
      take();
    }
    assertThat(reader.remaining()).isZero();
  }

  @Test
  void theEndIsReachedOnceTheContainerHasEndedAndAllIsRead() throws Exception {
    print(1, "one");
    boolean _ = reader.seek(SourcePosition.OLDEST);
    awaitLines("one");
    assertThat(reader.isWhole()).isFalse();
    print(2, "two");
    docker.exit(id.value(), 0);
    reader.ending();
    Eventually.until("it is whole", reader::isWhole);
    awaitLines("one", "two");
  }

  private ApiReader reader() {
    return new ApiReader(docker, id, () -> {}, () -> {});
  }

  private void print(long nanos, String text) {
    docker.print(id, new LogPiece(nanos, true, false, text.getBytes(StandardCharsets.UTF_8)));
  }

  private void awaitLines(String... expected) throws Exception {
    while (lines.size() < expected.length) {
      take();
    }
    assertThat(lines).containsExactly(expected);
  }

  private void take() throws Exception {
    int read = reader.read(buffers.input);
    if (read == 0) {
      Thread.onSpinWait();
      return;
    }
    int used = buffers.translate(reader.kind(), read);
    reader.advance(used);
    String text =
        new String(buffers.lines.bytes(), 0, buffers.lines.length(), StandardCharsets.UTF_8);
    text.lines().map(line -> line.split(" ", 4)[3]).forEach(lines::add);
  }
}
