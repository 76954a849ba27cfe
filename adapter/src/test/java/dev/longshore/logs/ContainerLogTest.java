package dev.longshore.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.checkpoint.LogRecords;
import dev.longshore.common.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {
  private static final ContainerId ID = new ContainerId("a".repeat(64));

  @TempDir private Path folder;
  private final CopyBuffers buffers = new CopyBuffers(new LogFigures(List.of()));
  private final StringBuilder expected = new StringBuilder();
  private Path target;
  private LogRecords records;
  private FakeSpool docker;
  private ContainerLog log;

  @BeforeEach
  void begin() {
    target = folder.resolve("pod/app/0.log");
    records = LogRecords.open(folder.resolve("records"));
    docker = new FakeSpool(folder.resolve("spool"), 3);
    log = started();
  }

  @Test
  void theLogIsThereBeforeTheFirstLine() throws Exception {
    copy();
    assertThat(target).isRegularFile().isEmptyFile();
  }

  @Test
  void linesAreCopiedAcrossDockersRotations() throws Exception {
    for (int i = 0; i < 50; i++) {
      write("line " + i);
      if (i % 7 == 0) {
        copy();
      }
      if (i % 10 == 9) {
        docker.rotate();
      }
    }
    copy();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void linesAreCopiedAcrossRotationsThatCompress() throws Exception {
    docker = new FakeSpool(folder.resolve("compressing"), 4);
    log = started();
    for (int i = 0; i < 60; i++) {
      write("a line that is long enough to be known by its first bytes, number " + i);
      if (i % 7 == 0) {
        copy();
        log.save();
      }
      if (i % 10 == 9) {
        docker.rotate();
        docker.compress();
      }
      if (i % 23 == 22) {
        log = started();
      }
    }
    copy();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void afterACrashEveryLineIsThereOnceWhateverTheFileHadOfIt() throws Exception {
    write("one");
    copy();
    log.save();
    long saved = Files.size(target);
    write("two");
    write("three");
    copy();
    byte[] whole = Files.readAllBytes(target);
    for (int length = (int) saved; length <= whole.length; length++) {
      try (var out = Files.newByteChannel(target, StandardOpenOption.WRITE)) {
        var _ = out.truncate(saved);
      }
      Files.write(
          target, Arrays.copyOfRange(whole, (int) saved, length), StandardOpenOption.APPEND);
      ContainerLog next = started();
      while (next.step(buffers, false)) {}
      assertThat(Files.readAllBytes(target)).isEqualTo(whole);
    }
  }

  @Test
  void afterACrashCopyingGoesOnInTheRenamedFileUntilItIsReopened() throws Exception {
    write("one");
    copy();
    log.save();
    Path renamed = target.resolveSibling("0.log.20260101-000000");
    Files.move(target, renamed);
    write("two");
    log = started();
    copy();
    assertThat(renamed).hasContent(expected.toString());
    assertThat(target).doesNotExist();
    log.reopen(buffers);
    assertThat(target).isEmptyFile();
  }

  @Test
  void afterReopeningNothingGoesToTheOldFile() throws Exception {
    write("one");
    copy();
    String before = expected.toString();
    Path renamed = rotate();
    log.reopen(buffers);
    assertThat(target).isEmptyFile();
    expected.setLength(0);
    write("two");
    copy();
    assertThat(renamed).hasContent(before);
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void aCrashBetweenTwoReopeningsLosesAndDoublesNothing() throws Exception {
    write("one");
    copy();
    log.save();
    write("two");
    copy(); // Not in the record.
    String before = expected.toString();
    Path renamed = rotate();
    log = started();
    expected.setLength(0);
    log.reopen(buffers);
    write("three");
    copy();
    assertThat(renamed).hasContent(before);
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void aReopeningBeforeDockersFilesAreKnownDoublesNothing() throws Exception {
    write("one");
    copy();
    log.save();
    write("two");
    copy(); // Not in the record.
    String before = expected.toString();
    Path renamed = rotate();
    log = new ContainerLog(ID, target, records, InstantSource.system(), false);
    assertThatThrownBy(() -> log.reopen(buffers)).isInstanceOf(IOException.class);
    log.source(new SpoolReader(docker.spool()));
    log.reopen(buffers);
    expected.setLength(0);
    write("three");
    copy();
    assertThat(renamed).hasContent(before);
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void anotherLogInTheFolderIsNotTakenForTheRenamedOne() throws Exception {
    write("one");
    copy();
    log.save();
    Path other = target.resolveSibling("1.log");
    Files.move(target, other); // As if the other had been given the inode of the removed one.
    String before = expected.toString();
    expected.setLength(0);
    write("two");
    log = started();
    copy();
    assertThat(other).hasContent(before);
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void whenDockersFilesRanOverWhatTheLogHasAlreadyIsNotDoubled() throws Exception {
    write("one");
    copy();
    log.save();
    docker.rotate();
    write("two");
    docker.rotate();
    write("three");
    copy(); // Not in the record.
    Files.writeString(target, "2023-11-14T22:13:20.003000000Z std", StandardOpenOption.APPEND);
    docker.rotate();
    write("four");
    log = started();
    copy();
    assertThat(Files.readAllLines(target))
        .filteredOn(line -> !line.contains("are lost"))
        .containsExactlyElementsOf(expected.toString().lines().toList());
  }

  @Test
  void reopeningAFileThatIsStillInItsPlaceChangesNothing() throws Exception {
    write("one");
    copy();
    log.reopen(buffers);
    write("two");
    copy();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void aSpoolThatRanOverIsToldInTheLogItself() throws Exception {
    write("one");
    copy();
    log.save();
    for (int i = 0; i < 4; i++) {
      var _ = docker.write("lost or not " + i);
      docker.rotate();
    }
    log = started();
    copy();
    assertThat(Files.readString(target))
        .startsWith(expected)
        .containsPattern("stderr F longshore: lines of this log are lost: .* at least \\d+ bytes")
        .contains("lost or not 2")
        .contains("lost or not 3");
  }

  @Test
  void aSpoolThatRanOverBeforeTheFirstRecordIsToldToo() throws Exception {
    write("one");
    copy();
    records.write(ID, SourcePosition.OLDEST.record(Inodes.of(target), 0)); // That of the start.
    for (int i = 0; i < 4; i++) {
      var _ = docker.write("lost or not " + i);
      docker.rotate();
    }
    log = started();
    copy();
    assertThat(Files.readString(target))
        .startsWith(expected)
        .containsPattern("stderr F longshore: lines of this log are lost: .* at least \\d+ bytes")
        .contains("F lost or not 2\n")
        .contains("F lost or not 3\n");
  }

  @Test
  void theFirstLineIsInTheRecordAtOnce() throws Exception {
    write("one");
    copy();
    assertThat(records.read(ID)).get().matches(record -> record.sourceInode() != Inodes.NONE);
  }

  @Test
  void aNewFileWithTheInodeOfAnOldOneIsNotTakenForIt() throws Exception {
    write("a line that is long enough");
    copy();
    log.save();
    Path file = docker.spool().current();
    byte[] other = Files.readAllBytes(file);
    other[10] ^= 1;
    Files.write(file, other); // In place: the inode stays.
    write("after");
    log = started();
    copy();
    assertThat(Files.readString(target)).contains("are lost").endsWith("after\n");
  }

  @Test
  void aFolderThatWasRemovedIsMadeAgain() throws Exception {
    copy();
    write("one");
    deletePod();
    log = started();
    copy();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void whatWentToARemovedFileIsNotLostWhenTheContainerEndsRightAfter() throws Exception {
    copy();
    write("one");
    deletePod();
    copy();
    assertThat(target).doesNotExist();
    while (log.step(buffers, true)) {}
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void whatCannotBeWrittenIsWrittenLater() throws Exception {
    Path pod = folder.resolve("pod");
    Files.writeString(pod, "in the way");
    write("one");
    assertThatThrownBy(this::copy).isInstanceOf(IOException.class);
    Files.delete(pod);
    write("two");
    copy();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void aLinkIsLeftAloneUntilItIsRenamedAndTheFileGoesOnFromThere() throws Exception {
    Files.createDirectories(target.resolveSibling(""));
    Files.createSymbolicLink(target, docker.spool().current());
    var _ = docker.write("seen through the link");
    copy();
    log.reopen(buffers);
    assertThat(target).isSymbolicLink();
    Files.move(target, target.resolveSibling("0.log.1"));
    log.reopen(buffers);
    write("after");
    copy();
    assertThat(Files.isSymbolicLink(target)).isFalse();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void withoutARecordTheLogGoesOnAfterItsLastLine() throws Exception {
    write("one");
    write("two");
    copy();
    records.delete(ID);
    Files.writeString(target, write("three").substring(0, 30), StandardOpenOption.APPEND);
    log = started();
    copy();
    assertThat(target).hasContent(expected.toString());
  }

  @Test
  void aCompletedLogLeavesNoRecord() throws Exception {
    write("one");
    copy();
    log.close(true);
    assertThat(records.ids()).isEmpty();
    assertThat(log.step(buffers, false)).isFalse();
  }

  @Test
  void aTornRecordCountsAsNone() throws Exception {
    write("one");
    copy();
    log.save();
    Path record = folder.resolve("records").resolve(ID.value());
    Files.writeString(record, Files.readString(record).replaceFirst("\\d", "77"));
    assertThat(records.read(ID)).isEmpty();
  }

  private ContainerLog started() {
    ContainerLog fresh = new ContainerLog(ID, target, records, InstantSource.system(), false);
    fresh.source(new SpoolReader(docker.spool()));
    return fresh;
  }

  private String write(String text) throws IOException {
    String line = docker.write(text);
    expected.append(line);
    return line;
  }

  private void copy() throws IOException {
    while (log.step(buffers, false)) {}
  }

  /** As the kubelet does before it has the log reopened. */
  private Path rotate() throws IOException {
    return Files.move(target, target.resolveSibling("0.log.1"));
  }

  private void deletePod() throws IOException {
    Files.delete(target);
    Files.delete(folder.resolve("pod/app"));
    Files.delete(folder.resolve("pod"));
  }
}
