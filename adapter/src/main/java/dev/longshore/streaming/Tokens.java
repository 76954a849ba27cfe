package dev.longshore.streaming;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import dev.longshore.common.Deadline;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Requests waiting for their clients, by tokens that cannot be guessed (128 bits), are good for one
 * use, and for a minute. Thread-safe.
 */
final class Tokens {
  static final Duration LIFE = Duration.ofMinutes(1);

  /** As many as the kubelet's own library allows. */
  static final int MOST = 1000;

  private static final int BYTES = 16;

  private final SecureRandom random = new SecureRandom();
  private final Duration life;
  private final Map<String, Entry> pending = new LinkedHashMap<>();

  Tokens(Duration life) {
    this.life = life;
  }

  /**
   * A token for the target.
   *
   * @throws CriException EXHAUSTED when too many wait for their clients
   */
  synchronized String issue(Target target) {
    dropExpired();
    if (pending.size() >= MOST) {
      throw new CriException(
          Kind.EXHAUSTED,
          "cannot prepare a stream to %s: %d prepared ones wait for their clients; try again in a minute"
              .formatted(target.title(), MOST));
    }
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    pending.put(token, new Entry(target, Deadline.in(life)));
    return token;
  }

  /** What the token stands for, once; empty for one that is unknown, used, or too old. */
  synchronized Optional<Target> redeem(String token) {
    dropExpired();
    return Optional.ofNullable(pending.remove(token)).map(Entry::target);
  }

  /** All live equally long, so the oldest come first. */
  private void dropExpired() {
    Iterator<Entry> oldest = pending.values().iterator();
    while (oldest.hasNext() && oldest.next().end().passed()) {
      oldest.remove();
    }
  }

  private record Entry(Target target, Deadline end) {}
}
