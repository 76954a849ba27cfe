package dev.longshore.common;

import java.util.List;

/**
 * A message in its encoding, in parts that it may share with other messages: of a list, each part
 * is an item. Immutable, as long as nobody writes to a part.
 */
public final class Encoded {
  private final List<byte[]> parts;
  private final int size;

  /** The message that these parts beside each other are. */
  public Encoded(List<byte[]> parts) {
    this.parts = List.copyOf(parts);
    this.size = parts.stream().mapToInt(part -> part.length).sum();
  }

  public List<byte[]> parts() {
    return parts;
  }

  /** In bytes. */
  public int size() {
    return size;
  }
}
