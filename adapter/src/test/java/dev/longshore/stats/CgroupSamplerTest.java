package dev.longshore.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.ContainerId;
import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.kernel.FakeCgroups;
import dev.longshore.kernel.OpenInTests;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CgroupSamplerTest {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private static final Run WEB = run("a", 11);
  private static final Run DB = run("b", 12);

  @TempDir Path root;
  private final AtomicLong nanos = new AtomicLong(-77);
  private final AtomicInteger looks = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);
  private FakeCgroups cgroups;
  private CgroupSampler sampler;

  @BeforeEach
  void start() {
    cgroups = FakeCgroups.v1(root);
    put(WEB);
    put(DB);
    sampler = sampler(nanos::get);
  }

  @Test
  void aRunNobodyLookedAtYetIsReadAtOnceAndHasNoRate() {
    Sample sample = sampleOf(WEB);

    assertThat(sample.time()).isEqualTo(START.plusNanos(nanos.get()));
    assertThat(sample.usage().cpu().totalNanos()).isEqualTo(1_000_000_000);
    assertThat(sample.nanoCores()).isEmpty();
    assertThat(sample.usage().memory().orElseThrow().workingSetBytes()).isEqualTo(94_371_840);
  }

  @Test
  void theRateIsTimeUsedPerTimePassedBetweenTwoSamples() {
    sample(WEB);
    cgroups.cpu(WEB.id().value(), 1_900_000_000);
    pass(Duration.ofSeconds(2));

    assertThat(sampleOf(WEB).nanoCores()).hasValue(450_000_000);
  }

  @Test
  void anIdleRunHasARateOfZero() {
    sample(WEB);
    pass(Duration.ofSeconds(1));

    assertThat(sampleOf(WEB).nanoCores()).hasValue(0);
  }

  @Test
  void aSampleServesEverybodyForOneSecondAndNotLonger() {
    Sample first = sampleOf(WEB);
    cgroups.cpu(WEB.id().value(), 2_000_000_000);

    pass(Duration.ofMillis(999));
    assertThat(sample(WEB, DB).get(WEB.id())).isSameAs(first);

    pass(Duration.ofMillis(1));
    assertThat(sampleOf(WEB).usage().cpu().totalNanos()).isEqualTo(2_000_000_000);
  }

  @Test
  void onlyTheRunsAskedForAreRead() {
    sample(WEB);

    assertThat(looks).hasValue(1);
    assertThat(sample(WEB, DB)).containsOnlyKeys(WEB.id(), DB.id());
    assertThat(looks).hasValue(2);
  }

  @Test
  void aCgroupIsFoundOncePerRun() {
    sample(WEB);
    cgroups.putProcess(WEB.pid(), "f".repeat(64));
    pass(Duration.ofSeconds(1));

    assertThat(sample(WEB)).containsKey(WEB.id());
  }

  @Test
  void aRunWhoseCgroupVanishedIsLeftOutAndTheOthersStay() {
    sample(WEB, DB);
    cgroups.remove(WEB.pid(), WEB.id().value());
    pass(Duration.ofSeconds(1));

    assertThat(sample(WEB, DB)).containsOnlyKeys(DB.id());
  }

  @Test
  void aCgroupThatWasNotThereIsLookedForAgainASecondLater() {
    Run late = run("c", 13);
    assertThat(sample(late)).isEmpty();
    put(late);

    assertThat(sample(late)).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(sample(late)).containsKey(late.id());
  }

  @Test
  void withoutAMemoryControllerThereIsStillCpu() {
    cgroups.removeMemory(WEB.id().value());

    Sample sample = sampleOf(WEB);
    assertThat(sample.usage().memory()).isEmpty();
    assertThat(sample.usage().cpu().totalNanos()).isEqualTo(1_000_000_000);
  }

  @Test
  void anotherRunOfTheSameContainerStartsWithoutARate() {
    sample(WEB);
    pass(Duration.ofSeconds(1));
    Run again = new Run(WEB.id(), 21, WEB.startedAt().plusSeconds(9), false, false);
    put(again);
    cgroups.cpu(again.id().value(), 2_000_000_000);

    assertThat(sampleOf(again).nanoCores()).isEmpty();
  }

  @Test
  void aCounterThatWentBackGivesNoRate() {
    sample(WEB);
    cgroups.cpu(WEB.id().value(), 10);
    pass(Duration.ofSeconds(1));

    assertThat(sampleOf(WEB).nanoCores()).isEmpty();
  }

  @Test
  void runsThatAreOverAreForgottenAndOthersNotAskedForAreNot() {
    sample(WEB, DB);
    pass(Duration.ofSeconds(1));

    sampler.sample(List.of(WEB), () -> Set.of(WEB, DB));
    assertThat(sampler.size()).isEqualTo(2);

    pass(Duration.ofSeconds(1));
    sampler.sample(List.of(WEB), () -> Set.of(WEB));
    assertThat(sampler.size()).isEqualTo(1);
  }

  @Test
  void filesOfACgroupStayOpenUntilItsRunIsOver() throws IOException {
    sample(WEB, DB);
    assertThat(OpenInTests.below(root)).anyMatch(file -> isOf(WEB, file));

    pass(Duration.ofSeconds(1));
    sampler.sample(List.of(DB), () -> Set.of(DB));

    assertThat(OpenInTests.below(root)).isNotEmpty().noneMatch(file -> isOf(WEB, file));
  }

  @Test
  void filesOfACgroupThatVanishedAreClosed() throws IOException {
    sample(WEB);
    cgroups.remove(WEB.pid(), WEB.id().value());
    pass(Duration.ofSeconds(1));

    sample(WEB);

    assertThat(OpenInTests.below(root)).isEmpty();
  }

  @Test
  void callersWhoComeDuringASweepShareIt() throws Exception {
    CgroupSampler slow = slowSampler();
    List<FutureTask<Map<ContainerId, Sample>>> calls = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      var call = new FutureTask<>(() -> slow.sample(List.of(WEB, DB), () -> Set.of(WEB, DB)));
      calls.add(call);
      threads.add(Thread.ofPlatform().start(call));
    }
    threads.forEach(CgroupSamplerTest::awaitWaiting);

    gate.countDown();

    Sample shared = calls.getFirst().get(10, TimeUnit.SECONDS).get(WEB.id());
    for (var call : calls) {
      assertThat(call.get(10, TimeUnit.SECONDS).get(WEB.id())).isSameAs(shared);
    }
    assertThat(looks).hasValue(2);
  }

  @Test
  void aCallerWhoGoesAwayWhileWaitingIsCancelledAndTheSweepGoesOn() throws Exception {
    CgroupSampler slow = slowSampler();
    var first = new FutureTask<>(() -> slow.sample(List.of(WEB), () -> Set.of(WEB)));
    var second = new FutureTask<>(() -> slow.sample(List.of(WEB), () -> Set.of(WEB)));
    awaitWaiting(Thread.ofPlatform().start(first));
    Thread leaving = Thread.ofPlatform().start(second);
    awaitWaiting(leaving);

    leaving.interrupt();

    assertThatThrownBy(() -> second.get(10, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CANCELLED));
    gate.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).containsKey(WEB.id());
  }

  /** A sampler whose sweeps wait for the gate. */
  private CgroupSampler slowSampler() {
    return sampler(
        () -> {
          try {
            gate.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return nanos.get();
        });
  }

  private CgroupSampler sampler(LongSupplier nanoClock) {
    return new CgroupSampler(
        cgroups.reader(),
        () -> {
          looks.incrementAndGet();
          return START.plusNanos(nanos.get());
        },
        nanoClock);
  }

  private Sample sampleOf(Run run) {
    return Objects.requireNonNull(sample(run).get(run.id()));
  }

  private Map<ContainerId, Sample> sample(Run... runs) {
    Collection<Run> wanted = List.of(runs);
    return sampler.sample(wanted, () -> Set.copyOf(wanted));
  }

  private static boolean isOf(Run run, Path file) {
    return file.toString().contains(run.id().value());
  }

  private void put(Run run) {
    cgroups.put(run.pid(), run.id().value());
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private static Run run(String digit, int pid) {
    return new Run(new ContainerId(digit.repeat(64)), pid, START.minusSeconds(60), false, false);
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }
}
