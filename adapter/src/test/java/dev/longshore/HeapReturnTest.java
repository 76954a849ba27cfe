package dev.longshore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapReturnTest {
  private static final long START = 20L << 20;

  private final AtomicLong committed = new AtomicLong(START);
  private final AtomicInteger collections = new AtomicInteger();
  private final AtomicLong live = new AtomicLong(START);
  private final HeapReturn heap = new HeapReturn(committed::get, this::collect);

  @Test
  void aHeapThatGrewIsCollectedOnce() {
    committed.addAndGet(HeapReturn.GROWTH);
    heap.look();
    heap.look();

    assertThat(collections).hasValue(1);
    assertThat(committed).hasValue(START);
  }

  @Test
  void aHeapThatHardlyGrewIsLeftAlone() {
    committed.addAndGet(HeapReturn.GROWTH - 1);
    heap.look();

    assertThat(collections).hasValue(0);
  }

  @Test
  void whatIsInUseIsNotCollectedAgainAndAgain() {
    live.addAndGet(3 * HeapReturn.GROWTH);
    committed.set(live.get());
    heap.look();
    heap.look();
    assertThat(collections).hasValue(1);

    committed.addAndGet(HeapReturn.GROWTH);
    heap.look();
    assertThat(collections).hasValue(2);
  }

  private void collect() {
    collections.incrementAndGet();
    committed.set(live.get());
  }
}
