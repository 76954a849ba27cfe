package dev.longshore.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.checkpoint.LogRecords;
import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Eventually;
import dev.longshore.cri.v1.ReopenContainerLogRequest;
import dev.longshore.docker.ContainerSpec;
import dev.longshore.docker.EngineState;
import dev.longshore.docker.FakeDockerEngine;
import dev.longshore.docker.KubeLabels;
import dev.longshore.docker.KubeName;
import dev.longshore.docker.LogSpec;
import dev.longshore.docker.TestSpecs;
import dev.longshore.metrics.Scrape;
import dev.longshore.view.ContainerView;
import dev.longshore.view.Snapshot;
import dev.longshore.view.View;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Following with a real watch on folders, of containers of a fake Docker. */
@Timeout(60)
class LogFollowerTest {
  private static final String IMAGE = "busybox:1.36";

  @TempDir private Path folder;
  private final FakeDockerEngine docker = new FakeDockerEngine();
  private LogRecords records;
  private Path target;
  private LogFollower logs;
  private View view;
  private volatile Optional<Path> root = Optional.empty();
  private boolean asLinks;

  @BeforeEach
  void start() {
    target = folder.resolve("pods/app/0.log");
    records = LogRecords.open(folder.resolve("records"));
    docker.addImage(IMAGE);
    root = Optional.of(folder);
    connect();
  }

  @AfterEach
  void stop() {
    view.close();
    logs.close();
  }

  @Test
  void whatARunningContainerWritesIsInItsLog() throws Exception {
    ContainerId id = create();
    Eventually.until("the log is there", () -> Files.exists(target));
    FakeSpool spool = run(id);
    String first = spool.write("one");
    awaitLog(first);
    spool.rotate();
    awaitLog(first + spool.write("two"));
  }

  @Test
  void whatIsCopiedIsCountedAndThenNothingWaits() throws Exception {
    FakeSpool spool = run(create());
    String lines = spool.write("one") + spool.write("two");
    awaitLog(lines);
    Eventually.until("nothing waits", () -> figure("longshore_log_lag_seconds") == 0);
    assertThat(figure("longshore_log_copied_bytes_total")).isEqualTo(lines.length());
    assertThat(figure("longshore_log_followed_containers")).isEqualTo(1);
    assertThat(figure("longshore_log_losses_total")).isZero();
  }

  @Test
  void outputThatCannotBeCopiedIsSeenToWait() throws Exception {
    Files.createDirectories(target); // A folder where the file should be.
    run(create()).write("one");
    Eventually.until("it waits", () -> figure("longshore_log_lag_seconds") > 0.1);
    assertThat(figure("longshore_log_troubled_containers")).isEqualTo(1);
  }

  @Test
  void theLastLinesAreThereBeforeTheEndIsTold() throws Exception {
    ContainerId id = create();
    FakeSpool spool = run(id);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      all.append(spool.write("line " + i));
    }
    docker.exit(id.value(), 0);
    awaitExited(id);
    assertThat(target).hasContent(all.toString());
    Eventually.until("nothing is left to do", () -> !logs.follows(id));
    assertThat(records.ids()).isEmpty();
  }

  @Test
  void whatWasWrittenWhileNobodyFollowedIsThereBeforeTheEndIsTold() throws Exception {
    ContainerId id = create();
    FakeSpool spool = run(id);
    String all = spool.write("one");
    awaitLog(all);
    stop();
    all += spool.write("two");
    docker.exit(id.value(), 3);
    connect();
    awaitExited(id);
    assertThat(target).hasContent(all);
  }

  @Test
  void aContainerThatEndedBeforeItWasSeenRunningHasItsLines() throws Exception {
    ContainerId id = create();
    docker.hang("inspect");
    String all = run(id).write("one");
    docker.exit(id.value(), 0);
    docker.resume();
    awaitExited(id);
    assertThat(target).hasContent(all);
  }

  @Test
  void aContainerThatCameAndWentWhileNobodyFollowedHasItsLines() throws Exception {
    ContainerId id = create();
    Eventually.until("the log is there", () -> Files.exists(target));
    stop();
    records.delete(id); // Killed before the first step.
    Files.delete(target);
    String all = run(id).write("one");
    docker.exit(id.value(), 0);
    connect();
    awaitExited(id);
    assertThat(target).hasContent(all);
  }

  @Test
  void dockersFolderMayBecomeKnownLate() throws Exception {
    root = Optional.empty();
    ContainerId id = create();
    String all = run(id).write("one");
    Eventually.until("it runs", () -> find(id).filter(this::runs).isPresent());
    root = Optional.of(folder);
    awaitLog(all);
    assertThat(logs.warnings()).isEmpty();
  }

  private boolean runs(ContainerView container) {
    return container.engine().state() instanceof EngineState.Running;
  }

  @Test
  void aRemovedContainerLeavesItsLogAndNoRecord() throws Exception {
    ContainerId id = create();
    String all = run(id).write("one");
    awaitLog(all);
    docker.removeBehind(id.value());
    Eventually.until("it is not followed", () -> !logs.follows(id));
    assertThat(records.ids()).isEmpty();
    assertThat(target).hasContent(all);
  }

  @Test
  void aRecordOfAContainerThatWentUnseenIsDropped() throws Exception {
    ContainerId id = create();
    awaitLog(run(id).write("one"));
    stop();
    docker.removeBehind(id.value());
    connect();
    Eventually.until("it is connected", () -> view.health().ready());
    assertThat(records.ids()).isEmpty();
  }

  @Test
  void aRecordOfAContainerThatDockerListsButDoesNotDescribeIsKept() throws Exception {
    ContainerId id = create();
    awaitLog(run(id).write("one"));
    stop();
    LogFollower next = new LogFollower(records, docker, () -> root, InstantSource.system(), false);
    next.forgetAllBut(Set.of(id));
    next.close();
    assertThat(records.ids()).containsExactly(id);
  }

  @Test
  void aLogThatCannotBeWrittenIsAWarningAndGoesOnOnceItCan() throws Exception {
    Files.writeString(folder.resolve("pods"), "in the way");
    ContainerId id = create();
    String all = run(id).write("one");
    Eventually.until("it is told", () -> !logs.warnings().isEmpty());
    assertThat(logs.warnings()).singleElement().asString().contains(target.toString());
    Files.delete(folder.resolve("pods"));
    awaitLog(all);
    Eventually.until("it is over", () -> logs.warnings().isEmpty());
  }

  @Test
  void reopeningMakesANewFile() throws Exception {
    ContainerId id = create();
    FakeSpool spool = run(id);
    awaitLog(spool.write("one"));
    Files.move(target, target.resolveSibling("0.log.1"));
    reopen(id.value());
    assertThat(target).isEmptyFile();
    awaitLog(spool.write("two"));
  }

  @Test
  void reopeningWaitsUntilItIsKnownWhereDockersFilesAre() throws Exception {
    ContainerId id = create();
    FakeSpool spool = run(id);
    awaitLog(spool.write("one"));
    stop();
    root = Optional.empty();
    connect();
    Path renamed = target.resolveSibling("0.log.1");
    Files.move(target, renamed);
    String second = spool.write("two");
    Files.writeString(renamed, second, StandardOpenOption.APPEND); // The process died after this.
    Thread reopening = Thread.ofVirtual().start(() -> reopen(id.value()));
    root = Optional.of(folder);
    reopening.join();
    awaitLog(spool.write("three"));
    assertThat(Files.readString(renamed)).endsWith(second).containsOnlyOnce("two");
  }

  @Test
  void outputThatDockerKeepsInNoFileIsReadFromItsApi() throws Exception {
    ContainerId id = create();
    docker.startBehind(id.value());
    docker.print(id, true, "one");
    Eventually.until("a line", () -> read().endsWith(" stdout F one\n"));
    stop();
    docker.print(id, false, "two");
    connect();
    docker.print(id, true, "three");
    docker.exit(id.value(), 0);
    awaitExited(id);
    Eventually.until("it is not followed", () -> !logs.follows(id));
    assertThat(read().lines().map(line -> line.split(" ", 2)[1]))
        .containsExactly("stdout F one", "stderr F two", "stdout F three");
    assertThat(records.ids()).isEmpty();
  }

  @Test
  void outputThatCannotBeReadIsAWarningAndALineInTheLogOnce() throws Exception {
    ContainerId id = create(new LogSpec("none", Map.of()));
    docker.startBehind(id.value());
    Eventually.until("it is told", () -> read().endsWith("\n"));
    assertThat(read()).contains(" stderr F longshore: nothing of this container's output is here");
    String before = read();
    stop();
    connect();
    Eventually.until("it is told", () -> !logs.warnings().isEmpty());
    assertThat(logs.warnings()).singleElement().asString().contains("cannot read back");
    docker.exit(id.value(), 0);
    awaitExited(id);
    Eventually.until("it is not followed", () -> !logs.follows(id));
    assertThat(read()).isEqualTo(before);
  }

  @Test
  void asLinksLogsLeadToDockersTextAndCannotBeReopened() throws Exception {
    stop();
    asLinks = true;
    connect();
    ContainerId id = create();
    Path text = Files.createDirectories(folder.resolve("text")).resolve("json.log");
    Files.createFile(text);
    docker.setLogPath(id.value(), text.toString());
    docker.startBehind(id.value());
    Eventually.until("the link is there", () -> Files.exists(target));
    assertThat(Files.readSymbolicLink(target)).isEqualTo(text);
    Files.move(target, target.resolveSibling("0.log.1"));
    assertThatThrownBy(() -> reopen(id.value()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED));
  }

  @Test
  void asLinksLogsOfOtherDriversAreFilesAllTheSame() throws Exception {
    stop();
    asLinks = true;
    connect();
    ContainerId id = create();
    awaitLog(run(id).write("one"));
    assertThat(Files.isSymbolicLink(target)).isFalse();
  }

  @Test
  void onlyARunningContainersLogIsReopened() {
    assertThatThrownBy(() -> reopen("f".repeat(64)))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
    ContainerId id = create();
    assertThatThrownBy(() -> reopen(id.value()))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_READY));
  }

  private double figure(String name) {
    return Scrape.of(logs.figures()).value(name).orElseThrow();
  }

  private void connect() {
    logs = new LogFollower(records, docker, () -> root, InstantSource.system(), asLinks);
    view = new View(docker, this::forget, _ -> {});
    view.addListener(logs);
    view.beforeExit(logs::ended);
    view.start();
    Eventually.until("Docker is known", () -> view.health().ready());
  }

  private void forget(Snapshot snapshot) {
    logs.forgetAllBut(view.listed());
  }

  private void reopen(String id) {
    var request = ReopenContainerLogRequest.newBuilder().setContainerId(id).build();
    assertThat(new ReopenContainerLog(view, logs).handle(request)).isNotNull();
  }

  private ContainerId create() {
    return create(LogSpec.DAEMONS_CHOICE);
  }

  private ContainerId create(LogSpec log) {
    KubeName name = new KubeName("app", "web", "shop", "u1", 0);
    Map<String, String> labels =
        KubeLabels.forContainer(
            new KubeLabels.Metadata(Map.of(), Map.of(), Optional.empty(), "", ""),
            "b".repeat(64),
            target.toString());
    ContainerSpec spec =
        TestSpecs.withLabels(TestSpecs.container(name.toDockerName(), IMAGE), labels);
    ContainerId id = docker.createBehind(spec.withLog(log));
    Eventually.until("it is seen", () -> find(id).isPresent());
    return id;
  }

  private FakeSpool run(ContainerId id) {
    FakeSpool spool = new FakeSpool(folder.resolve("containers/" + id + "/local-logs"), 3);
    docker.startBehind(id.value());
    return spool;
  }

  private Optional<ContainerView> find(ContainerId id) {
    return view.snapshot().container(id.value());
  }

  private void awaitExited(ContainerId id) {
    Eventually.until(
        "it has ended",
        () -> find(id).filter(c -> c.engine().state() instanceof EngineState.Exited).isPresent());
  }

  private void awaitLog(String expected) {
    Eventually.until("the log has it all", () -> read().equals(expected));
  }

  private String read() {
    try {
      return Files.exists(target) ? Files.readString(target) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
