package dev.longshore.common;

import java.util.List;

/**
 * A message in its encoding, in parts that it may share with other messages: of a list, each part
 * is an item. Immutable, as long as nobody writes to a part.
 */
public record Encoded(List<byte[]> parts) {
  public Encoded {
    parts = List.copyOf(parts);
  }

  /** In bytes. */
  public int size() {
    return parts.stream().mapToInt(part -> part.length).sum();
  }
}
