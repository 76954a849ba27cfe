package dev.longshore.container;

import com.google.protobuf.ByteString;

/** Collects output up to a bound; the rest is taken and dropped. Thread-safe. */
final class BoundedOutput {
  private final int bound;
  private final ByteString.Output bytes = ByteString.newOutput();

  /** {@code bound} in bytes. */
  BoundedOutput(int bound) {
    this.bound = bound;
  }

  synchronized void add(byte[] chunk) {
    int room = bound - bytes.size();
    bytes.write(chunk, 0, Math.min(room, chunk.length));
  }

  /** What was collected so far. */
  synchronized ByteString content() {
    return bytes.toByteString();
  }
}
