package dev.longshore.view;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * An immutable sorted array. A change copies it, which for 10,000 items means 40 KB and a few
 * microseconds: cheaper than a copied map, and it answers prefixes and ranges as well.
 */
final class SortedIndex<T> {
  private final Comparator<? super T> order;
  private final Object[] sorted;
  private final List<T> items;

  /** No items. {@code order} must tell any two items apart that differ in identity. */
  SortedIndex(Comparator<? super T> order) {
    this(order, new Object[0]);
  }

  @SuppressWarnings("unchecked") // Every element came in through plus or swap.
  private SortedIndex(Comparator<? super T> order, Object[] sorted) {
    this.order = order;
    this.sorted = sorted;
    this.items = (List<T>) (List<?>) Collections.unmodifiableList(Arrays.asList(sorted));
  }

  /** All items, in order; unmodifiable. */
  List<T> items() {
    return items;
  }

  SortedIndex<T> plus(T item) {
    int at = Collections.binarySearch(items, item, order);
    if (at >= 0) {
      throw new IllegalStateException("already in the index: " + item);
    }
    int gap = -at - 1;
    Object[] copy = new Object[sorted.length + 1];
    System.arraycopy(sorted, 0, copy, 0, gap);
    copy[gap] = item;
    System.arraycopy(sorted, gap, copy, gap + 1, sorted.length - gap);
    return new SortedIndex<>(order, copy);
  }

  SortedIndex<T> minus(T item) {
    int at = require(item);
    Object[] copy = new Object[sorted.length - 1];
    System.arraycopy(sorted, 0, copy, 0, at);
    System.arraycopy(sorted, at + 1, copy, at, copy.length - at);
    return new SortedIndex<>(order, copy);
  }

  /** {@code fresh} in the place of {@code old}. */
  SortedIndex<T> swap(T old, T fresh) {
    if (order.compare(old, fresh) != 0) {
      return minus(old).plus(fresh);
    }
    Object[] copy = sorted.clone();
    copy[require(old)] = fresh;
    return new SortedIndex<>(order, copy);
  }

  /**
   * The items that {@code side} calls 0. It must be negative for items before those and positive
   * for items after them.
   */
  List<T> range(ToIntFunction<? super T> side) {
    int from = firstNotBelow(side, 0);
    return items.subList(from, Math.max(from, firstNotBelow(side, 1)));
  }

  private int firstNotBelow(ToIntFunction<? super T> side, int limit) {
    int low = 0;
    int high = items.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Integer.signum(side.applyAsInt(items.get(middle))) < limit) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int require(T item) {
    int at = Collections.binarySearch(items, item, order);
    if (at < 0) {
      throw new IllegalStateException("not in the index: " + item);
    }
    return at;
  }
}
