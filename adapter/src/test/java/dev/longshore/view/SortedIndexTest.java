package dev.longshore.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SortedIndexTest {
  private record Item(int key, int value) {}

  private final SortedIndex<Item> empty = new SortedIndex<>(Comparator.comparingInt(Item::key));

  @Test
  void itBehavesAsASortedMapAndOldVersionsStayAsTheyWere() {
    var random = new Random(3);
    TreeMap<Integer, Item> model = new TreeMap<>();
    SortedIndex<Item> index = empty;
    for (int i = 0; i < 2_000; i++) {
      SortedIndex<Item> before = index;
      List<Item> itemsBefore = new ArrayList<>(index.items());
      Item item = new Item(random.nextInt(60), i);
      Item known = model.get(item.key());
      if (known == null) {
        index = index.plus(item);
        model.put(item.key(), item);
      } else if (random.nextBoolean()) {
        index = index.swap(known, item);
        model.put(item.key(), item);
      } else {
        index = index.minus(known);
        model.remove(item.key());
      }
      int from = random.nextInt(70) - 5;
      int to = from + random.nextInt(20);
      assertThat(index.items()).containsExactlyElementsOf(model.values());
      assertThat(index.range(x -> x.key() < from ? -7 : x.key() >= to ? 7 : 0))
          .containsExactlyElementsOf(model.subMap(from, to).values());
      assertThat(before.items()).isEqualTo(itemsBefore);
    }
  }

  @Test
  void anItemThatChangesItsPlaceIsMoved() {
    Item old = new Item(1, 0);
    Item moved = new Item(9, 0);
    SortedIndex<Item> index = empty.plus(old).plus(new Item(5, 0)).swap(old, moved);
    assertThat(index.items()).containsExactly(new Item(5, 0), moved);
  }

  @Test
  void anItemIsInItOnceAndIsTakenOutOnlyIfItIsThere() {
    SortedIndex<Item> one = empty.plus(new Item(1, 0));
    assertThatThrownBy(() -> one.plus(new Item(1, 1))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> one.minus(new Item(2, 0))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nobodyChangesItFromOutside() {
    List<Item> items = empty.plus(new Item(1, 0)).items();
    assertThatThrownBy(items::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> items.set(0, new Item(2, 0)))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
