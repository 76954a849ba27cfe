package dev.longshore.common;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The value made of the latest key, kept until another key is asked for. Two who ask at once may
 * both make it. Thread-safe.
 */
public final class Latest<K, V> {
  private final AtomicReference<@Nullable Made<K, V>> latest = new AtomicReference<>();

  /** The value of that key, from before when the key equals the last one. */
  public V get(K key, Function<K, V> maker) {
    Made<K, V> known = latest.get();
    if (known != null && known.key.equals(key)) {
      return known.value;
    }
    V value = maker.apply(key);
    latest.set(new Made<>(key, value));
    return value;
  }

  private record Made<K, V>(K key, V value) {}
}
