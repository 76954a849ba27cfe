package dev.longshore.common;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Parts of {@link Encoded} messages, each kept until what it was made of changes. Thread-safe.
 *
 * @param <K> names an item
 * @param <S> what an item is made of; equal sources make equal parts
 */
public final class KeptParts<K, S> {
  /** So many parts of items that are no more are not worth a search for them. */
  private static final int SLACK = 64;

  private final Map<K, Kept<S>> kept = new ConcurrentHashMap<>();

  /** The part of that item, from before when its source is as it was. */
  public byte[] get(K item, S source, Function<S, byte[]> maker) {
    Kept<S> known = kept.get(item);
    if (known != null && known.source.equals(source)) {
      return known.part;
    }
    byte[] part = maker.apply(source);
    kept.put(item, new Kept<>(source, part));
    return part;
  }

  /**
   * Drops the parts of items that are no more, once there are many of them.
   *
   * @param count how many items there are
   * @param items all of them; asked for only when it is worth it
   */
  public void tidy(int count, Supplier<Set<K>> items) {
    if (kept.size() > 2 * count + SLACK) {
      kept.keySet().retainAll(items.get());
    }
  }

  private static final class Kept<S> {
    private final S source;
    private final byte[] part;

    private Kept(S source, byte[] part) {
      this.source = source;
      this.part = part;
    }
  }
}
