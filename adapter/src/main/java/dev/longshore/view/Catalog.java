package dev.longshore.view;

import dev.longshore.common.CriException;
import dev.longshore.common.CriException.Kind;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** All entries of one kind, to be found by id, by prefix, by name, by age. Immutable. */
final class Catalog<T extends Entry> {
  static final Comparator<Entry> OLDEST_FIRST =
      Comparator.<Entry, Instant>comparing(entry -> entry.engine().created())
          .thenComparing(Entry::id);
  private static final Comparator<Entry> NEWEST_FIRST = OLDEST_FIRST.reversed();
  private static final Comparator<Entry> BY_NAME =
      Comparator.<Entry, String>comparing(entry -> entry.engine().name())
          .thenComparing(NEWEST_FIRST);
  private static final int EXAMPLES = 3;

  private final String nouns;
  private final SortedIndex<T> byId;
  private final SortedIndex<T> byName;
  private final SortedIndex<T> byAge;

  /** No entries; {@code nouns} names the kind in messages, as a plural. */
  Catalog(String nouns) {
    this(
        nouns,
        new SortedIndex<>(Comparator.comparing(Entry::id)),
        new SortedIndex<>(BY_NAME),
        new SortedIndex<>(NEWEST_FIRST));
  }

  private Catalog(String nouns, SortedIndex<T> byId, SortedIndex<T> byName, SortedIndex<T> byAge) {
    this.nouns = nouns;
    this.byId = byId;
    this.byName = byName;
    this.byAge = byAge;
  }

  /** Puts {@code fresh} in, in the place of what has its id. */
  Catalog<T> with(T fresh) {
    Optional<T> old = find(fresh.id().value());
    return each(
        index -> old.map(known -> index.swap(known, fresh)).orElseGet(() -> index.plus(fresh)));
  }

  /** Takes out {@code entry}, which is here. */
  Catalog<T> without(T entry) {
    return each(index -> index.minus(entry));
  }

  List<T> newestFirst() {
    return byAge.items();
  }

  /** The newest, should two have the name for a moment. */
  Optional<T> named(String dockerName) {
    return byName.range(entry -> entry.engine().name().compareTo(dockerName)).stream().findFirst();
  }

  /**
   * The entry with that id, or with the only id that starts so.
   *
   * @throws CriException INVALID when several ids start so
   */
  Optional<T> find(String idOrPrefix) {
    if (idOrPrefix.isEmpty()) {
      return Optional.empty();
    }
    List<T> found = byId.range(entry -> side(entry.id().value(), idOrPrefix));
    if (found.size() > 1) {
      throw new CriException(
          Kind.INVALID,
          "%d %s have an id that starts with \"%s\", such as %s; give more digits"
              .formatted(found.size(), nouns, idOrPrefix, examples(found)));
    }
    return found.stream().findFirst();
  }

  private static int side(String id, String prefix) {
    return id.startsWith(prefix) ? 0 : id.compareTo(prefix);
  }

  private static String examples(List<? extends Entry> entries) {
    return entries.stream()
        .limit(EXAMPLES)
        .map(entry -> entry.id().value())
        .collect(Collectors.joining(", "));
  }

  private Catalog<T> each(UnaryOperator<SortedIndex<T>> change) {
    return new Catalog<>(nouns, change.apply(byId), change.apply(byName), change.apply(byAge));
  }
}
