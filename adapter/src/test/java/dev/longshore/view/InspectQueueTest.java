package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.longshore.common.ContainerId;
import dev.longshore.common.Eventually;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InspectQueueTest {
  private final List<ContainerId> begun = new CopyOnWriteArrayList<>();
  private final List<ContainerId> ended = new CopyOnWriteArrayList<>();
  private final Semaphore go = new Semaphore(0);
  private final InspectQueue queue = new InspectQueue(3, this::inspect);

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void anIdOfferedWhileItIsInspectedIsInspectedOnceMore() {
    queue.offer(Samples.id(1));
    awaitBegun(1);
    for (int i = 0; i < 10; i++) {
      queue.offer(Samples.id(1));
    }
    go.release(100);
    awaitIdle();
    assertThat(ended).containsExactly(Samples.id(1), Samples.id(1));
  }

  @Test
  void anIdIsInspectedOnceAtATimeAndHoldsUpNoOther() {
    queue.offer(Samples.id(1));
    awaitBegun(1);
    queue.offer(Samples.id(1));
    queue.offer(Samples.id(2));
    awaitBegun(2);
    assertThat(begun).containsExactly(Samples.id(1), Samples.id(2));
    go.release(100);
    awaitIdle();
    assertThat(ended).hasSize(3);
  }

  @Test
  void noMoreThanTheLimitRunAtOnce() {
    for (int i = 0; i < 100; i++) {
      queue.offer(Samples.id(i));
    }
    awaitBegun(3);
    for (int done = 1; done <= 97; done++) {
      go.release();
      awaitBegun(3 + done);
      assertThat(begun.size() - ended.size()).isLessThanOrEqualTo(3);
    }
    go.release(3);
    awaitIdle();
    assertThat(ended).doesNotHaveDuplicates().hasSize(100);
  }

  @Test
  void aFailingInspectionDoesNotEndTheOthers() {
    InspectQueue failing =
        new InspectQueue(
            1,
            id -> {
              begun.add(id);
              if (id.equals(Samples.id(1))) {
                throw new IllegalStateException("broken on purpose");
              }
            });
    failing.offer(Samples.id(1));
    failing.offer(Samples.id(2));
    failing.offer(Samples.id(1));
    Eventually.until("all were tried", failing::idle);
    assertThat(begun).contains(Samples.id(1), Samples.id(2));
    failing.offer(Samples.id(3));
    Eventually.until("it goes on", () -> begun.contains(Samples.id(3)));
  }

  @Test
  void closingInterruptsWhatRunsAndDropsTheRest() {
    for (int i = 0; i < 10; i++) {
      queue.offer(Samples.id(i));
    }
    awaitBegun(3);
    queue.close();
    awaitIdle();
    queue.offer(Samples.id(11));
    assertThat(begun).hasSize(3);
    assertThat(queue.idle()).isTrue();
  }

  private void inspect(ContainerId id) {
    begun.add(id);
    try {
      go.acquire();
      ended.add(id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitBegun(int count) {
    Eventually.until(count + " have begun", () -> begun.size() >= count);
  }

  private void awaitIdle() {
    Eventually.until("the queue is idle", queue::idle);
  }
}
