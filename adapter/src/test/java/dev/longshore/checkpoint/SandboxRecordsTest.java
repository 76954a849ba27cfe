package dev.longshore.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.checkpoint.SandboxRecord.Phase;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.docker.KubeName;
import dev.longshore.network.NetworkPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxRecordsTest {
  private static final ContainerId ID = new ContainerId("ab".repeat(32));
  private static final ContainerId OTHER = new ContainerId("cd".repeat(32));

  private @TempDir Path temp;
  private Path folder;
  private SandboxRecords records;

  @BeforeEach
  void open() {
    folder = temp.resolve("root/sandbox");
    records = SandboxRecords.open(folder);
  }

  @Test
  void aRecordOutlivesTheProcess() {
    records.put(record(ID, Phase.CREATING));
    records.put(record(ID, Phase.READY));
    records.put(new SandboxRecord(OTHER, name(), true, Phase.READY, Optional.empty(), List.of()));

    var reopened = SandboxRecords.open(folder);
    assertThat(reopened.find(ID)).contains(record(ID, Phase.READY));
    assertThat(reopened.all()).hasSize(2).containsExactlyInAnyOrderElementsOf(records.all());
  }

  @Test
  void aRemovedRecordIsGoneAndAnUnknownOneIsLeftAlone() {
    records.put(record(ID, Phase.READY));
    records.remove(ID);
    records.remove(OTHER);
    assertThat(records.find(ID)).isEmpty();
    assertThat(files()).isEmpty();
  }

  @Test
  void onlyTheOwnerMayReadFilesAndFolder() throws Exception {
    records.put(record(ID, Phase.READY));
    assertThat(permissions(folder.resolve(ID.value()))).isEqualTo("rw-------");
    assertThat(permissions(folder)).isEqualTo("rwx------");
  }

  @Test
  void unreadableFilesAreSetAsideAndTheRestIsRead() throws Exception {
    records.put(record(ID, Phase.READY));
    String whole = Files.readString(folder.resolve(ID.value()));
    write("11", "");
    write("22", whole.substring(0, whole.length() / 2));
    write("33", whole);
    write("44", "{\"version\":99}");
    write("55", whole.replace("READY", "SOMETHING_NEW").replace(ID.value(), "55".repeat(32)));
    Files.writeString(folder.resolve("a-note"), "not ours");

    var reopened = SandboxRecords.open(folder);
    assertThat(reopened.all()).containsExactly(record(ID, Phase.READY));
    assertThat(files())
        .containsExactlyInAnyOrder(
            ID.value(), aside("11"), aside("22"), aside("33"), aside("44"), aside("55"), "a-note");
    assertThat(SandboxRecords.open(folder).all()).hasSize(1);
  }

  @Test
  void fieldsOfANewerVersionAreSkipped() throws Exception {
    records.put(record(ID, Phase.READY));
    Path file = folder.resolve(ID.value());
    Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"since\":[1,{}],"));
    assertThat(SandboxRecords.open(folder).find(ID)).contains(record(ID, Phase.READY));
  }

  @Test
  void aWriteCutShortLeavesTheOldRecordAndNoRubbish() throws Exception {
    records.put(record(ID, Phase.CREATING));
    Files.writeString(folder.resolve(".tmp-" + ID), "{\"vers");
    var reopened = SandboxRecords.open(folder);
    assertThat(reopened.find(ID)).contains(record(ID, Phase.CREATING));
    assertThat(files()).containsExactly(ID.value());
  }

  @Test
  void aDiskThatRefusesIsUnavailableNamesTheFileAndChangesNothing() throws Exception {
    records.put(record(ID, Phase.CREATING));
    Path moved = Files.move(folder, temp.resolve("away"));
    assertThatThrownBy(() -> records.put(record(ID, Phase.READY)))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE))
        .hasMessageContaining(folder.resolve(ID.value()).toString())
        .hasMessageContaining("no such file")
        .hasMessageContaining("free space");
    assertThat(records.find(ID)).contains(record(ID, Phase.CREATING));

    Files.move(moved, folder);
    records.put(record(ID, Phase.READY));
    assertThat(SandboxRecords.open(folder).find(ID)).contains(record(ID, Phase.READY));
  }

  @Test
  void aFolderThatIsAFileIsSaid() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThatThrownBy(() -> SandboxRecords.open(file))
        .isInstanceOf(CriException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void writersOfOneRecordDoNotMixTheirFiles() throws Exception {
    List<Thread> writers =
        Stream.of(Phase.values())
            .flatMap(phase -> Stream.generate(() -> phase).limit(20))
            .map(phase -> Thread.ofVirtual().start(() -> records.put(record(ID, phase))))
            .toList();
    for (Thread writer : writers) {
      writer.join();
    }
    assertThat(SandboxRecords.open(folder).find(ID)).isEqualTo(records.find(ID)).isPresent();
    assertThat(files()).containsExactly(ID.value());
  }

  private static SandboxRecord record(ContainerId id, Phase phase) {
    NetworkPlan plan =
        new NetworkPlan(
            id,
            "cluster net",
            "eth0",
            "{\"cniVersion\":\"1.0.0\",\n \"name\":\"cluster net\"}",
            Map.of("K8S_POD_NAME", "web-0", "IgnoreUnknown", "1"),
            "{\"portMappings\":[]}");
    List<String> addresses = phase == Phase.CREATING ? List.of() : List.of("10.1.0.2", "fd00::2");
    return new SandboxRecord(id, name(), false, phase, Optional.of(plan), addresses);
  }

  private static KubeName name() {
    return KubeName.sandbox("web-0", "default", "7c1e-uid", 4_000_000_000L);
  }

  private void write(String twoDigits, String content) throws IOException {
    Files.writeString(folder.resolve(twoDigits.repeat(32)), content);
  }

  private static String aside(String twoDigits) {
    return twoDigits.repeat(32) + ".unreadable";
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private List<String> files() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
